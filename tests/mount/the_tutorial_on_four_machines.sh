# The session of the tutorial: machines come, ls nodes shows them with their CPUs, the sum of primes runs on both, they go.
# mount: no
. "$CASES/mdns.sh"
example=$CASES/../../examples/sum_primes
serve alpha beta gamma
for host in alpha beta gamma; do know_announced $host; done
mount_again
announce alpha
announce beta
wait_listed 'alpha beta' 3
wait_up alpha beta
for host in alpha beta; do expect "$(cat "$W/nodes/$host/cpus")" "$(nproc)"; done
sh "$example/run" "$W" >"$T/said"
cat "$T/said"
expect "$(grep -c 'Sum of primes below' said)" 8
grep -q 'Sum of primes below 100000 is 454396537' said
expect "$(cat "$W"/nodes/alpha/completed "$W"/nodes/beta/completed | awk '{ n += $1 } END { print n }')" 8
for host in alpha beta; do [ "$(cat "$W/nodes/$host/completed")" -gt 0 ] || fail "$host did nothing"; done
withdraw beta
wait_listed alpha 3
announce gamma
wait_listed 'alpha gamma' 3
withdraw alpha
withdraw gamma
wait_listed '' 3
