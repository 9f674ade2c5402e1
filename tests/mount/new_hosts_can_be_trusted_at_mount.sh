# trust=new: the first key a host shows is recorded and good; another one later is not.
# mount: no
. "$CASES/sshd.sh"
serve nodeA
: >"$N/known_hosts"
OPTIONS="$OPTIONS,trust=new"
mount_again
mkdir "$W/nodes/nodeA"
wait_node nodeA IDLE
expect "$(grep -c . "$S/known_hosts")" 1
installed_anew nodeA
wait_node nodeA UNTRUSTED
told_nothing nodeA
expect "$(grep -c . "$S/known_hosts")" 1
