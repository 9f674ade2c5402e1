# 64 writers at once, each 100 lines in random pieces: 6,400 specs, all intact, each writer's in order.
python3 "$CASES/many_writers.py" "$W/jobs/new" 64 100
find "$W/jobs" -path '*/1*/spec' | sort | xargs cat >specs
expect "$(wc -l <specs)" 6400
expect "$(grep -c '^-H : writer [0-9]* line [0-9]* end$' specs)" 6400
expect "$(sort -u specs | wc -l)" 6400
awk '{ if ($6 != seen[$4] + 1) exit 1; seen[$4] = $6 }' specs
