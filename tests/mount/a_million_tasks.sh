# A million tasks are accepted at once, and a kill -9 among them loses none and runs none twice.
usually_within 1000 submit '--array=1-1000000 -H true'
for held in "$W"/jobs/1*; do echo cancel >"$held/ctl"; done
id=$(submit '--array=0-999999 echo $SLURM_ARRAY_TASK_ID >>'"$T/ran"'; echo $SLURM_ARRAY_TASK_ID')
wait_until '[ "$(wc -l <ran)" -gt 500 ]' 30
kill_daemon
mount_again
wait_until '[ "$(wc -l <ran)" -gt 1500 ]' 30
within 1000 ls "$W/jobs/$id" "$W/queue"
expect "$(cat "$W/jobs/$id/999999/state")" PENDING
echo cancel >"$W/jobs/$id/ctl"
wait_until "[ -e $W/results/$id/exit ]" 30
expect "$(sort ran | uniq -d)" ''
completed=$(sed -n 's/^completed \([0-9]*\) .*/\1/p' "$W/jobs/wait")
[ "$(wc -l <ran)" -ge "$completed" ] || fail 'completed without having run'
cat "$W/results/$id/stdout" >out
sort out >out.sorted
sort ran | comm -13 - out.sorted >strange
expect "$(cat strange)" ''
expect "$(sort -n -c out 2>&1)" ''
within 2000 rm -r "$W/results/$id/0" "$W/results/$id/stdout"
leave
mount_again
cmp "$W/results/$id/stdout" out
