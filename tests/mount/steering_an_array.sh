# Orders go to all of an array's tasks, to some, or to one.
id=$(submit '--array=0-9%2 echo $SLURM_ARRAY_TASK_ID; test -e '"$T/go"' || { touch '"$T"'/began.$SLURM_ARRAY_TASK_ID; sleep 1000; }')
wait_until '[ -e began.0 ] && [ -e began.1 ]'
wait_state "$id/0" RUNNING
wait_state "$id/1" RUNNING
expect "$(cat "$W/jobs/$id/state") $(cat "$W/jobs/$id/9/state") $(cat "$W/jobs/$id/9/reason")" "RUNNING PENDING JobArrayTaskLimit"
expect "$(grep -c . "$W/queue")" 3
grep -q "^${id}_\[2-9\] PENDING JobArrayTaskLimit - " "$W/queue"
grep -q "^${id}_1 RUNNING None local " "$W/queue"
echo cancel 3,5-6 >"$W/jobs/$id/ctl"
expect "$(cat "$W/jobs/$id/5/state") $(cat "$W/jobs/$id/5/exit" 2>/dev/null || cat "$W/results/$id/5/exit")" "CANCELLED 255"
echo cancel >"$W/jobs/$id/9/ctl"
echo hold 8 >"$W/jobs/$id/ctl"
expect "$(cat "$W/jobs/$id/8/reason")" JobHeldUser
tell "$W/jobs/$id/ctl" 'cancel 77' 2>/dev/null && fail 'there is no task 77'
grep -q "has no task 77" "$W/errors"
tell "$W/jobs/$id/ctl" 'signal TERM 7' 2>/dev/null && fail 'it waits'
grep -q "job ${id}_7 is not running yet" "$W/errors"
tell "$W/jobs/$id/7/ctl" 'requeue' 2>/dev/null && fail 'it waits'
grep -q "job ${id}_7 is not running$" "$W/errors"
tell "$W/jobs/$id/9/ctl" cancel 2>/dev/null && fail 'it is finished'
grep -q "job ${id}_9 is finished" "$W/errors"
tell "$W/jobs/$id/ctl" 'cancel 1-x' 2>/dev/null && fail 'no list of tasks'
tell "$W/jobs/$id/1/ctl" 'cancel 1' 2>/dev/null && fail 'one task has no tasks'

# What is already there of its output ends where the first unfinished task is.
expect "$(cat "$W/results/$id/stdout")" 0
touch go
echo cancel 0 >"$W/jobs/$id/ctl"
wait_until "[ \"\$(cat $W/jobs/$id/7/state)\" = COMPLETED ]"
expect "$(cat "$W/jobs/$id/0/state") $(cat "$W/jobs/$id/state")" "CANCELLED RUNNING"
expect "$(cat "$W/results/$id/stdout" | tr '\n' ' ')" "0 1 "
echo signal KILL 1 >"$W/jobs/$id/ctl"
echo release >"$W/jobs/$id/ctl"
wait_until "[ \"\$(cat $W/jobs/$id/8/state)\" = COMPLETED ]"
expect "$(cat "$W/jobs/$id/1/reason")" RaisedSignal:9
expect "$(cat "$W/jobs/$id/wait")" 255
expect "$(cat "$W/results/$id/stdout" | tr '\n' ' ')" "0 1 2 4 7 8 "

# All that wait, at once; those that run besides.
id=$(submit '--array=0-999 sleep 1000')
wait_state "$id" RUNNING
echo cancel >"$W/jobs/$id/ctl"
expect "$(cat "$W/jobs/$id/wait")" 255
expect "$(cat "$W/jobs/$id/state") $(cat "$W/jobs/$id/999/state")" "CANCELLED CANCELLED"
cat "$W/results/$id/999/stdout" "$W/results/$id/999/stderr"
