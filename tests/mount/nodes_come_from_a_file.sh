# nodes=FILE: [SLOTS/][USER@]HOST[:PORT] a line, comments; a line that is none is refused by its number.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC
port=$(cat "$N/nodeC/port")
cat >"$N/list" <<END
# the machines

3/nodeA         # a comment
  $(id -un)@nodeB
1/$(id -un)@127.0.0.1:$port
END
printf '\tHost 127.0.0.1\n\t\tIdentityFile %s\n' "$N/key" >>"$N/config"
mount_again
expect "$(ls "$W/nodes" | sort | paste -s -d' ')" "nodeA $(id -un)@127.0.0.1:$port $(id -un)@nodeB"
for name in nodeA "$(id -un)@nodeB" "$(id -un)@127.0.0.1:$port"; do
	wait_node "$name" IDLE
	id=$(submit "-w $name echo \$NODE")
	wait_for "$id"
	cat "$W/results/$id/stdout" >>ran
	cat "$W/nodes/$name/slots" >>slots
	expect "$(cat "$W/nodes/$name/source")" nodes
done
expect "$(paste -s -d' ' ran)" 'nodeA nodeB nodeC'
expect "$(paste -s -d' ' slots)" "3 $(nproc) 1"

# Removed and added by hand, it has the slots it has, not those of the file.
rmdir "$W/nodes/nodeA"
mkdir "$W/nodes/nodeA"
wait_node nodeA IDLE
expect "$(cat "$W/nodes/nodeA/slots" "$W/nodes/nodeA/source" | paste -s -d' ')" "$(nproc) mkdir"
rmdir "$W/nodes/nodeA"
leave

# What is not in the file any more is not there any more.
echo nodeB >"$N/list"
mount_again
expect "$(ls "$W/nodes")" nodeB
leave

for line in '0/nodeA' 'x/nodeA' '2/' '-oProxyCommand=x' 'a b' 'nodeA:99999' 'local'; do
	printf 'nodeA\n%s\n' "$line" >"$N/list"
	refused "$N/list, line 2: " mount_again
	is_mounted && fail "mounted with \"$line\""
done
rm "$N/list"
refused "$N/list: No such file" mount_again
