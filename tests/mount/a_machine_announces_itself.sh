# A machine that runs wulfs-announce is in nodes/ within 3 s, used once its key is trusted, and goes within 2 s.
# mount: no
. "$CASES/mdns.sh"
serve alpha beta
mount_again
expect "$(ls "$W/nodes")" ''
announce alpha
wait_listed alpha 3
wait_node alpha UNTRUSTED 5
told_nothing alpha
expect "$(cat "$W/nodes/alpha/source")" dns-sd
expect "$(cat "$W/nodes/alpha/cpus")" "$(nproc)"
expect "$(cat "$W/nodes/alpha/arch")" "$(uname -m)"
expect "$(cat "$W/nodes/alpha/fingerprint")" "$(fingerprint_of alpha)"
expect "$(cat "$W/nodes/alpha/address")" "$(cat "$N/alpha/address")"
id=$(submit 'echo $NODE')
expect "$(cat "$W/jobs/$id/state")" PENDING
echo trust >"$W/nodes/alpha/ctl"
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" alpha

# A known key is used at once.
know_announced beta
announce beta
wait_listed 'alpha beta' 3
wait_node beta IDLE 5
wait_for "$(submit '-w beta true')"

withdraw alpha
wait_listed beta 3
withdraw beta
wait_listed '' 3
grep -q 'node alpha IDLE - -' "$W/events"

# What was trusted is known when it is back, also in another mount.
announce alpha
wait_node alpha IDLE 5
leave
mount_again
wait_node alpha IDLE 5

# With all of it going on, it is told to end.
daemon=$(daemon_pid)
kill "$daemon"
within 2000 wait_until "gone $daemon"
