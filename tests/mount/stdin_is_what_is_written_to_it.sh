# jobs/ID/stdin takes bytes before the job runs and while it does, until eof; without --stdin there is none.
# timeout: 60
early=$(submit '-H --stdin cat')
printf 'before ' >"$W/jobs/$early/stdin"
echo it ran >>"$W/jobs/$early/stdin"
echo eof >"$W/jobs/$early/ctl"
echo release >"$W/jobs/$early/ctl"
wait_for "$early"
expect "$(cat "$W/results/$early/stdout")" 'before it ran'

live=$(submit '--stdin while read -r x; do echo "<$x>"; done')
expect "$(stat -c '%a %s' "$W/jobs/$live/stdin")" '600 0'
for word in one two three; do
	echo $word >"$W/jobs/$live/stdin"
	wait_until "grep -q '<$word>' $W/results/$live/stdout"
done
refused 'was closed\|Broken pipe' sh -c "echo eof >'$W/jobs/$live/ctl' && printf x | dd of='$W/jobs/$live/stdin' status=none"
wait_for "$live"
refused 'Broken pipe' tell "$W/jobs/$live/stdin" late
grep -q "job $live is finished; nobody reads its stdin" "$W/errors"
expect "$(ls -A "$S/inputs")" ''

none=$(submit 'cat; echo end')
wait_for "$none"
expect "$(cat "$W/results/$none/stdout")" end
[ ! -e "$W/jobs/$none/stdin" ]
refused 'not permitted' tell "$W/jobs/$none/stdin" x
grep -q 'submit it with --stdin' "$W/errors"
busy=$(submit 'sleep 100')
refused 'Invalid' tell "$W/jobs/$busy/ctl" eof
grep -q "job $busy was submitted without --stdin" "$W/errors"
echo cancel >"$W/jobs/$busy/ctl"

echo from a file >in.txt
file=$(submit '--input=in.txt cat')
missing=$(submit '-i in.%j cat')
wait_for "$file"
expect "$(cat "$W/results/$file/stdout")" 'from a file'
wait_for "$missing" 255
grep -q "in.$missing: No such file" "$W/results/$missing/stderr"

each=$(submit '-a 4,7 --stdin cat; echo task $SLURM_ARRAY_TASK_ID')
echo shared >"$W/jobs/$each/stdin"
echo eof >"$W/jobs/$each/ctl"
wait_for "$each"
expect "$(cat "$W/results/$each/stdout")" "shared
task 4
shared
task 7"
for task in 1 2; do echo "for $task" >"in.$((each + 2)).$task"; done
files=$(submit '-a 1-2 -i in.%A.%a cat')
wait_for "$files"
expect "$(cat "$W/results/$files/stdout")" "for 1
for 2"
expect "$(ls -A "$S/inputs")" ''
