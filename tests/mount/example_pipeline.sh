# examples/pipeline over two nodes that share no files: each batch goes through both, and the answer is right.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
expect "$("$CASES/../../examples/pipeline/run" "$W" nodeA nodeB)" '9592 primes below 100000, the last is 99991'
nodes_of() { for id in $(seq "$1" "$2"); do cat "$W/jobs/$id/node"; done | sort | uniq -c | xargs; }
expect "$(nodes_of 10000001 10000010)" '10 nodeA'
expect "$(nodes_of 10000011 10000020)" '10 nodeB'

# A job that fails ends it, with what that job said.
sed 's/| factor"/| false; echo no factors today >\&2; exit 5"/' "$CASES/../../examples/pipeline/run" >run
if sh run "$W" nodeA nodeB >said 2>&1; then fail 'it went on without a batch'; fi
grep -qx 'no factors today' said
