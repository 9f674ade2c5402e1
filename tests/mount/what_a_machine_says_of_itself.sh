# What wulfs-announce says: the port that sshd_config says or -p, fingerprints that are shown and compared and not believed.
# mount: no
. "$CASES/mdns.sh"
announcer_of() { for pid in $(pgrep -x wulfs-announce); do [ "$(readlink "/proc/$pid/ns/net")" != "$(inside "$1" readlink /proc/self/ns/net)" ] || echo "$pid"; done; }
# moved_to PORT NAME: its server listens there
moved_to() {
	make_server "$2"
	sed -i "s/^Port .*/Port $1/" "$N/$2/sshd_config"
	start_server "$2"
	echo "[$2.local]:$1 $(cut -d' ' -f1,2 "$N/$2/key.pub")" >>"$N/known_hosts"
}

serve alpha
moved_to 2222 beta
mkdir -p "$N/beta/etc/sshd_config.d"
printf '%s\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'Match User me' 'Port 23' >"$N/beta/etc/sshd_config"
printf '%s\n' '# Port 24' 'Port=2222' >"$N/beta/etc/sshd_config.d/port.conf"
moved_to 2022 gamma
mount_again
announce beta
announce gamma -p 2022
wait_node beta IDLE
wait_node gamma IDLE
grep -q 'port 2222' beta.said
wait_for "$(submit '-w beta true')"

# It announces another key than it has.
make_key 'somebody else' "$T/other"
mkdir -p "$N/alpha/etc"
cp "$T/other.pub" "$N/alpha/etc/ssh_host_ed25519_key.pub"
other=$(ssh-keygen -lf "$T/other.pub" | cut -d' ' -f2)
announce alpha
wait_node alpha UNTRUSTED
expect "$(cat "$W/nodes/alpha/fingerprint")" "$(fingerprint_of alpha)"
grep -q "it announces $other, and shows $(fingerprint_of alpha)" "$W/nodes/alpha/reason"
refused 'Invalid argument' tell "$W/nodes/alpha/ctl" "trust $other"
told_nothing alpha
withdraw alpha

# In the background it returns when it is announced, and says goodbye when it is told to end.
as_host alpha "$ANNOUNCE"
wait_listed 'alpha beta gamma'
kill "$(announcer_of alpha)"
wait_listed 'beta gamma' 3
refused 'is not a port' "$ANNOUNCE" -p 70000
refused 'unknown option' "$ANNOUNCE" -x
"$ANNOUNCE" --help | grep -q '^Usage'
"$ANNOUNCE" --version | grep -q '^wulfs-announce [0-9]'
