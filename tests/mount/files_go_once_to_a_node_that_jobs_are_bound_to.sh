# Four jobs that only a node of two slots may run get their files sent once, while another node idles.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
for i in 1 2 3 4; do head -c 20000000 /dev/urandom >"f$i"; done
written() { awk '/^wchar/ { print int($2 / 1000000) }' "/proc/$(daemon_pid)/io"; }
before=$(written)
for i in 1 2 3 4; do echo "-w nodeA --transfer=f$i md5sum <f$i"; done >"$W/jobs/new"
expect "$(cat "$W/jobs/wait")" 'completed 4 failed 0 cancelled 0'
expect "$(cat "$W"/results/*/stdout)" "$(for i in 1 2 3 4; do md5sum <"f$i"; done)"
# Packed to the disk, through a socket and out of it: three times 80 MB.
[ $(($(written) - before)) -lt 330 ] || fail "$(($(written) - before)) MB were written"
