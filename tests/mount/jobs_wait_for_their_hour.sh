# --begin, --exclusive, --retries, singleton.
begun=$(date +%s%3N)
id=$(submit '--begin=now+2 date +%s%3N')
expect "$(cat "$W/jobs/$id/state") $(cat "$W/jobs/$id/reason")" "PENDING BeginTime"
wait_for "$id"
[ "$(cat "$W/results/$id/stdout")" -ge $((begun + 2000)) ] || fail 'it began too early'

# The hour is kept over a remount.
id=$(submit '--begin=now+1day true')
leave
mount_again
expect "$(cat "$W/jobs/$id/reason")" BeginTime
echo cancel >"$W/jobs/$id/ctl"

printf '%s\n' '-J alone --exclusive touch busy; sleep 0.3; rm busy' 'test ! -e busy' 'test ! -e busy' >"$W/jobs/new"
cat "$W/jobs/wait"
expect "$(cat "$W/results/$(($(readlink "$W/jobs/last") - 1))/exit") $(cat "$W/last/exit")" "0 0"

id=$(submit '--retries=2 echo $SLURM_RESTART_COUNT; test "$SLURM_RESTART_COUNT" = 2')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout") $(cat "$W/jobs/$id/attempt")" "2 3"
id=$(submit '--retries=1 exit 7')
wait_for "$id" 7
expect "$(cat "$W/jobs/$id/attempt")" 2

printf '%s\n' '-J s -d singleton mkdir one && sleep 0.2 && rmdir one' '-J s -d singleton mkdir one && rmdir one' >"$W/jobs/new"
cat "$W/jobs/wait"
expect "$(cat "$W/results/s/exit")" 0
