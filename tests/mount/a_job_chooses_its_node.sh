# --nodelist, --exclude, --constraint; a node that is drained, or not there, is waited for.
# mount: no
. "$CASES/sshd.sh"
# ran_on ID NODE
ran_on() { wait_for "$1"; expect "$(cat "$W/results/$1/stdout")" "$2"; }
serve nodeA nodeB nodeC nodeD
listed 2 nodeA nodeB nodeC nodeD
mount_again
wait_up nodeA nodeB nodeC nodeD
for node in A B C D; do ran_on "$(submit "-w node$node echo \$NODE")" node$node; done
for i in 1 2 3; do ran_on "$(submit '-x nodeA,nodeB,nodeD echo $NODE')" nodeC; done
for i in 1 2 3; do ran_on "$(submit '-w nodeA,nodeD -x nodeA echo $NODE')" nodeD; done

echo 'features gpu,big' >"$W/nodes/nodeB/ctl"
echo 'features gpu' >"$W/nodes/nodeC/ctl"
ran_on "$(submit "-C 'gpu&big' echo \$NODE")" nodeB
ran_on "$(submit '-C gpu -x nodeB echo $NODE')" nodeC
ran_on "$(submit "-C 'tape|big' echo \$NODE")" nodeB
tape=$(submit '-C tape echo $NODE')
later=$(submit '-w nodeE echo $NODE')
wide=$(submit '-n 3 -w nodeA echo $NODE')
ran_on "$(submit '-w nodeD echo $NODE')" nodeD         # those that wait do not stand in the way
for id in $tape $later $wide; do
	expect "$(cat "$W/jobs/$id/state")" PENDING
done
expect "$(cat "$W/jobs/$tape/reason") $(cat "$W/jobs/$later/reason")" "ReqNodeNotAvail ReqNodeNotAvail"
expect "$(cat "$W/jobs/$wide/reason")" BadConstraints
echo 'features tape' >"$W/nodes/nodeA/ctl"
ran_on "$tape" nodeA
echo 'slots 3' >"$W/nodes/nodeA/ctl"
ran_on "$wide" nodeA
serve nodeE
mkdir "$W/nodes/nodeE"
ran_on "$later" nodeE

echo 'drain new disk' >"$W/nodes/nodeA/ctl"
expect "$(cat "$W/nodes/nodeA/state" "$W/nodes/nodeA/reason" | paste -s -d' ')" 'DRAINED new disk'
id=$(submit '-w nodeA echo $NODE')
yes 'echo $NODE' | head -n 40 >"$W/jobs/new" || true
wait_until "[ \$(ls $W/jobs | grep -vc new) = 1 ]"
expect "$(cat "$W/jobs/$id/state")" PENDING
! grep -l nodeA $(seq -f "$W/results/%.0f/stdout" $((id + 1)) $((id + 40))) || fail 'a drained node was given work'
leave
mount_again
expect "$(cat "$W/jobs/$id/state")" PENDING
echo resume >"$W/nodes/nodeA/ctl"
ran_on "$id" nodeA
