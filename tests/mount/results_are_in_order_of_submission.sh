# cat results/*/stdout is submission order, whatever finished first, and tools behave as on a disk.
for i in 3 1 2 5 4 9 8 7 6 10; do echo "sleep 0.0$((10 - i)); echo $i"; done >lines
cat lines >"$W/jobs/new"
expect "$(cat "$W/jobs/wait")" 'completed 10 failed 0 cancelled 0'
cat "$W"/results/*/stdout >all
expect "$(tr '\n' ' ' <all)" '3 1 2 5 4 9 8 7 6 10 '
expect "$(sort -n "$W"/results/*/stdout | head -n 1)" 1
expect "$(paste -s -d+ "$W"/results/*/stdout | head -n 1)" 3
expect "$(awk '{ sum += $1 } END { print sum, NR }' "$W"/results/*/stdout)" '55 10'
expect "$(grep -c . "$W/results/10000001/stdout")" 1
expect "$(grep -l '^10$' "$W"/results/*/stdout)" "$W/results/10000010/stdout"
expect "$(gzip -c "$W"/results/*/stdout | gunzip | md5sum)" "$(md5sum <all)"
expect "$(wc -l "$W"/results/*/stdout | tail -n 1 | awk '{ print $1 }')" 10
expect "$(find "$W/results" -name exit -size +0 | wc -l)" 10
expect "$(less "$W/results/10000001/stdout" | cat)" 3
cmp "$W/results/10000001/stdout" "$W/results/10000001/stdout"
