# Twenty jobs on two nodes need one file, each node is sent it once, also after it was forgotten here; two nodes
# with different files have each its own.
# mount: no
# timeout: 90
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
head -c 8000000 /dev/urandom >big
sum=$(md5sum <big)
written() { awk '/^wchar/ { print int($2 / 1000000) }' "/proc/$(daemon_pid)/io"; }

# What was changed only now may change again unseen, and is read each time.
settled() { wait_until "[ \$((\$(date +%s) - \$(stat -c %Z $1))) -gt 3 ]"; }
settled big

before=$(written)
for _ in 1 2 3 4 5 6 7 8 9 10; do
	for node in nodeA nodeB; do echo "-w $node --transfer=big md5sum <big"; done
done >"$W/jobs/new"
expect "$(cat "$W/jobs/wait")" 'completed 20 failed 0 cancelled 0'
expect "$(cat "$W"/results/*/stdout | sort -u)" "$sum"
# Packed once, to each node through a socket and out of it: five times, not sixty.
[ $(($(written) - before)) -lt 48 ] || fail "$(($(written) - before)) MB were written"
expect "$(find "$N"/node?/cache/wulfs/node-*/cache -type f -size +1M | wc -l)" 2
wait_until "[ -z \"\$(ls $S/parcels)\" ]"

wait_for "$(submit '-w nodeA --transfer=big md5sum <big')"
before=$(written)
cp -p big copy
mv copy big
wait_for "$(submit '-w nodeA --transfer=big md5sum <big')"
[ $(($(written) - before)) -lt 16 ] || fail 'an equal file was sent again'

mkdir a b
echo for A >a/f
echo for B >b/f
for node in nodeA nodeB; do
	for dir in a b; do echo "-w $node --transfer=$dir --return=made cat $dir/f; echo \$NODE >made"; done
done >"$W/jobs/new"
cat "$W/jobs/wait"
expect "$(cat "$W"/results/1000002[3-6]/stdout | paste -sd,)" 'for A,for B,for A,for B'
expect "$(cat "$W"/results/1000002[3-6]/out/made | paste -sd,)" 'nodeA,nodeA,nodeB,nodeB'
