# The daemon is killed at random moments in a storm of submissions: every echo that returned 0 is there once
# and ran once. KILLS says how often.
# timeout: 600
# again: no
python3 "$CASES/kill_storm.py" "${KILLS:-50}"
cat "$W/jobs/wait"
expect "$(sqlite3 "$S/wulfs.db" 'PRAGMA integrity_check')" ok
find "$W/results" -name stdout | sort | xargs cat >printed
sort -n printed | uniq -d >twice
expect "$(cat twice)" ''
sort accepted >a
sort printed >p
expect "$(comm -23 a p)" ''
expect "$(comm -13 a p | sort | comm -23 - maybe)" ''
sort ran | uniq -d >twice
expect "$(cat twice)" ''
sort ran | cmp - p
