# Jobs that wait for others, by id and by name; the reason says so; what can never come true does not hang silently.
first=$(submit '-J first while ! test -e '"$T"'/go; do sleep 0.1; done; exit $(cat '"$T"'/go)')
wait_state "$first" RUNNING
after=$(submit "-d after:$first echo after")
ok=$(submit '-d afterok:first -J ok echo ok')
notok=$(submit "-d afternotok:$first echo notok")
any=$(submit "-d afterany:$first,afterany:$after echo any")
either=$(submit "-d afterok:$first?afterok:$after echo either")
chain=$(submit '-d afterok:ok echo chain')
given_up=$(submit "-d afternotok:$first --kill-on-invalid-dep=yes true")
wait_for "$after"
wait_for "$either"
for id in $ok $notok $any $chain $given_up; do
	expect "$(cat "$W/jobs/$id/state") $(cat "$W/jobs/$id/reason")" "PENDING Dependency"
done
tell "$W/jobs/new" '-d afterok:10009999 true' 2>/dev/null && fail 'that job is not known'
grep -q -- '--dependency: "10009999": no such job is known' "$W/errors"
expect "$(tail -n 1 "$W/errors")" "       ^^^^^^^^^^^^^^^^"
# Nor is it accepted by a close, to be thrown away afterwards.
printf '#!/bin/sh\n#SBATCH -d afterok:10008888\ntrue\n' >script
refused 'Invalid argument' cp script "$W/jobs/new"
grep -q -- '--dependency: "10008888": no such job is known' "$W/errors"

# All of it is there after a kill -9.
kill_daemon
mount_again
expect "$(cat "$W/jobs/$chain/reason")" Dependency
echo 0 >go.new
mv go.new go
wait_for "$chain"
wait_for "$any"
expect "$(cat "$W/results/$chain/stdout") $(cat "$W/results/$any/stdout")" "chain any"
wait_for "$given_up" 255
expect "$(cat "$W/jobs/$given_up/state") $(cat "$W/jobs/$given_up/reason")" "CANCELLED DependencyNeverSatisfied"
expect "$(cat "$W/jobs/$notok/state") $(cat "$W/jobs/$notok/reason")" "PENDING DependencyNeverSatisfied"
refused 'Device or resource busy' rm -r "$W/results/$first"
grep -q "an unfinished job depends on job $first" "$W/errors"
echo cancel >"$W/jobs/$notok/ctl"
rm -r "$W/results/$first"

# An array after an array, task by task; one job after all of it.
a=$(submit '-J a --array=0-3 test $SLURM_ARRAY_TASK_ID != 2')
b=$(submit '-J b --array=0-3 -d aftercorr:a echo $SLURM_ARRAY_TASK_ID')
c=$(submit '-d afterany:b echo all')
wait_for "$a" 1
wait_until "[ \"\$(cat $W/results/$b/3/exit)\" = 0 ]"
expect "$(cat "$W/jobs/$b/2/state") $(cat "$W/jobs/$b/2/reason")" "PENDING DependencyNeverSatisfied"
expect "$(cat "$W/jobs/$c/state") $(cat "$W/jobs/$c/reason")" "PENDING Dependency"
echo cancel 2 >"$W/jobs/b/ctl"
wait_for "$c"
