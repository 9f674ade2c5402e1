# 64 writers at once, each 100 lines in random pieces: 6,400 specs, all intact, each writer's in order.
lines=$(part 100 20)
python3 "$CASES/many_writers.py" "$W/jobs/new" 64 $lines
find "$W/jobs" -path '*/1*/spec' | sort | xargs cat >specs
expect "$(wc -l <specs)" $((64 * lines))
expect "$(grep -c '^-H : writer [0-9]* line [0-9]* end$' specs)" $((64 * lines))
expect "$(sort -u specs | wc -l)" $((64 * lines))
awk '{ if ($6 != seen[$4] + 1) exit 1; seen[$4] = $6 }' specs
