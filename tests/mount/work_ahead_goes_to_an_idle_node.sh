# What was sent ahead to a busy node is taken back for one that is idle, and runs once.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA
mount_again
wait_up nodeA
for i in 1 2 3 4; do echo "echo $i \$NODE >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done"; done >"$W/jobs/new"
wait_until '[ $(wc -l <ran) = 2 ]'
expect "$(cut -d' ' -f2 ran | uniq)" nodeA
mkdir "$W/nodes/nodeB"
wait_until '[ $(wc -l <ran) = 4 ]' 30
expect "$(sort ran | paste -s -d,)" '1 nodeA,2 nodeA,3 nodeB,4 nodeB'
touch end
expect "$(cat "$W/jobs/wait")" 'completed 4 failed 0 cancelled 0'
expect "$(wc -l <ran)" 4
