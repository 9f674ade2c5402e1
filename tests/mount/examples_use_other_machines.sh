# The examples on two nodes over SSH, whose jobs are not this machine's: both take part.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
examples=$CASES/../../examples

WULFS=$W python3 "$examples/pp/sum_primes.py" >said
grep -qx 'Starting pp with 4 workers' said
grep -qx 'Sum of primes below 100700 is 460217613' said
grep -q 'job server' said
grep -q ' | nodeA$' said
grep -q ' | nodeB$' said

"$examples/wordcount/run" "$W" | grep -q '^[1-9][0-9]* the$'

cp -r "$examples/make" project
project/run "$W" | grep -x 'sums is right'

expect "$(grep -lvx 0 "$W"/results/*/exit | wc -l)" 0
[ "$(cat "$W/nodes/nodeA/completed")" -gt 4 ] || fail 'nodeA did little'
[ "$(cat "$W/nodes/nodeB/completed")" -gt 4 ] || fail 'nodeB did little'
