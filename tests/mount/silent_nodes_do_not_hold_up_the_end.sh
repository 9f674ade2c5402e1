# The daemon is gone within 2 s of SIGTERM, or of its unmount, whatever its nodes do: silent in mid-connection,
# silent before one, or not there at all.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC
listed 1 nodeA nodeB nodeC 127.0.0.1:9
mount_again
wait_up nodeA nodeC
id=$(submit "-w nodeA echo \$\$ >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s ran ]'
silence nodeA
kill -STOP "$(listener nodeB)"
echo reconnect >"$W/nodes/nodeB/ctl"
wait_node nodeB CONNECTING
daemon=$(daemon_pid)
end() { kill "$daemon" && wait_until "gone $daemon"; }
within 2000 end
mount_again
wait_node nodeA CONNECTING
within 2000 leave
heal nodeA
heal nodeB
mount_again
touch end
wait_for "$id"
expect "$(wc -l <ran)" 1
