# Files are read when they are sent: what was changed before counts, also for the next attempt; what has gone makes
# the job fail, with a sentence, and does not hang it.
mkdir d
echo one >d/f
id=$(submit '--transfer=d cat d/f')
wait_for "$id"
echo two >d/f
other=$(submit '--transfer=d cat d/f')
wait_for "$other"
expect "$(cat "$W/results/$id/stdout" "$W/results/$other/stdout")" "$(printf 'one\ntwo')"

echo three >d/f
id=$(submit "--transfer=d cat d/f; echo \$SLURM_RESTART_COUNT >d/f; cat d/f; until [ -e $T/go ]; do sleep 0.2; done")
wait_until "[ -s $W/results/$id/stdout ]"
echo four >d/f
echo requeue >"$W/jobs/$id/ctl"
touch go
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" "$(printf 'four\n1')"
expect "$(cat d/f)" four

id=$(submit '-H --transfer=d cat d/f')
echo >file
gone=$(submit '-H --transfer=file cat file')
echo five >d/f
rm file
echo release >"$W/jobs/$id/ctl"
echo release >"$W/jobs/$gone/ctl"
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" five
wait_for "$gone" 255
expect "$(cat "$W/jobs/$gone/state" "$W/jobs/$gone/reason")" "$(printf 'FAILED\nJobLaunchFailure')"
grep -q "^wulfs: --transfer: $T/file: No such file" "$W/results/$gone/stderr"
