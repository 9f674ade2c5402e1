# The id of a job is read on the descriptor it was written to, and named "last".
# shells: bash dash zsh "busybox sh"
{ echo 'sleep 0.1'; read -r id; } <>"$W/jobs/new" >&0
expect "$id" 10000001
expect "$(readlink "$W/last")" results/10000001
expect "$(readlink "$W/jobs/last")" 10000001
{ echo 'exit 3'; echo 'exit 4'; read -r first; read -r second; } <>"$W/jobs/new" >&0
expect "$first $second" '10000002 10000003'
wait_for 10000003 4
expect "$(readlink "$W/last")" results/10000003
