# Fifty nodes in one daemon, each with a connection and an agent of its own: all come up, and all take part.
# mount: no
# timeout: 180
. "$CASES/sshd.sh"
n=$(part 50 10)
names=$(seq -f node%g $n)
for name in $names; do
	make_server "$name"
	sed -i "s,XDG_CACHE_HOME=[^ ]*,XDG_CACHE_HOME=$N/cache," "$N/$name/sshd_config"        # the agent comes once
	start_server "$name"
done
# shellcheck disable=SC2086 # into words
listed 1 $names
mount_again
wait_until '[ "$(cat "$W"/nodes/*/state | grep -cx IDLE)" = $n ]' 60
expect "$(ls "$W/nodes" | wc -l)" $n

# Each node gets one, and none ends before all have begun.
yes "echo x >>$T/begun; until [ -e $T/all ]; do sleep 0.1; done" | head -n $n >"$W/jobs/new"
wait_until '[ "$(cat begun | wc -l)" = $n ]' 60
expect "$(cat "$W"/nodes/*/running | sort | uniq -c | xargs)" "$n 1"
touch all
expect "$(cat "$W/jobs/wait")" "completed $n failed 0 cancelled 0"
expect "$(cat "$W"/nodes/*/completed | sort | uniq -c | xargs)" "$n 1"
