# What the login exports is what its jobs see, whatever names bringing the agent there uses itself.
# mount: no
. "$CASES/sshd.sh"
names=$(tr -s '[:blank:]' '\n' <"$CASES/../../node/ssh/deliver.sh" | sed -n 's/^\([a-z_]*\)=.*/\1/p' | sort -u)
[ "$(echo "$names" | wc -w)" -gt 10 ] || fail "deliver.sh sets $names"
make_server nodeA
sed -i "s/^SetEnv /&$(for name in $names; do printf '%s=kept ' "$name"; done)/" "$N/nodeA/sshd_config"
start_server nodeA
listed 1 nodeA
mount_again
id=$(submit 'env')
wait_for "$id"
for name in $names; do
	grep -qx "$name=kept" "$W/results/$id/stdout" || fail "$name is $(grep "^$name=" "$W/results/$id/stdout")"
done
