# A job that waits says why: reason in a word, why in a sentence, sent how much of its files its node has.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
OPTIONS="$OPTIONS,lost_after=2,requeue_after=600"
serve nodeA
listed 2 nodeA
mount_again
wait_up nodeA
says() { wait_until "[ \"\$(cat $W/jobs/$1/reason)\" = $2 ]"; wait_until "cat $W/jobs/$1/why | grep -qx '$3'"; }
running() { id=$(submit "$1") && wait_until "[ \$(cat $W/jobs/$id/state) = RUNNING ]" && echo "$id"; }

id=$(submit '-c 64 true')
says "$id" BadConstraints 'no node has 64 slots; the largest, nodeA, has 2'
grep -q "^$id PENDING BadConstraints - true" "$W/queue"
id=$(submit '--mem=9000G true')
says "$id" BadConstraints 'no node has 9000G of memory; the largest, nodeA, has .*'
id=$(submit '-H true')
says "$id" JobHeldUser "held; echo release > jobs/$id/ctl"
id=$(submit '-w nowhere true')
says "$id" ReqNodeNotAvail 'there is no node that it may run on: see .*'
id=$(submit '--begin=now+1hour true')
says "$id" BeginTime 'begins in 3[56].. s'
held=$(submit '-H true')
id=$(submit "-d afterok:$held true")
says "$id" Dependency "waits for other jobs: --dependency=afterok:$held"
echo cancel >"$W/jobs/$held/ctl"
says "$id" DependencyNeverSatisfied "waits for .* cannot come true any more; echo cancel > jobs/$id/ctl"

# Its files are being sent.
agent=$(cat "$N"/nodeA/cache/wulfs/node-*/lock)
head -c 3000000 /dev/urandom >big
kill -STOP "$agent"
staged=$(submit '--transfer=big wc -c <big')
says "$staged" Staging '0 % of its files sent'
expect "$(cut -d' ' -f1 "$W/jobs/$staged/sent")" 0
[ "$(cut -d' ' -f2 "$W/jobs/$staged/sent")" -ge 3000000 ] || fail "sent: $(cat "$W/jobs/$staged/sent")"
kill -CONT "$agent"
wait_for "$staged"
expect "$(cat "$W/results/$staged/stdout" "$W/jobs/$staged/sent" "$W/jobs/$staged/why" | paste -s -d,)" '3000000,,'

# Its node does not answer.
id=$(running 'until [ -e '"$T"'/end ]; do sleep 0.1; done')
expect "$(cat "$W/jobs/$id/reason")" None
kill -STOP "$agent"
says "$id" NodeDown 'nodeA is down: its agent has not answered for .* s'
kill -CONT "$agent"
wait_until "[ \$(cat $W/jobs/$id/reason) = None ]" 30

# It waits for the slots of its node, or behind others.
other=$(running 'until [ -e '"$T"'/end ]; do sleep 0.1; done')
wide=$(submit '-c 2 true')
says "$wide" Resources 'waits .* free'
touch end
for id in "$id" "$other" "$wide"; do wait_for "$id"; done
