# w[1-2] is w1 and w2: in --nodelist, in --exclude, and in nodes=FILE.
# mount: no
. "$CASES/sshd.sh"
serve w1 w2 w10
printf '\357\273\277# saved by an editor\n3/w[1-2],w10\n' >"$N/list"
mount_again
expect "$(ls "$W/nodes" | sort | paste -s -d' ')" 'w1 w10 w2'
for name in w1 w2 w10; do
	wait_node "$name" IDLE
	expect "$(cat "$W/nodes/$name/slots")" 3
done
ran_on() { wait_for "$1"; expect "$(cat "$W/results/$1/stdout")" "$2"; }
ran_on "$(submit '-x w[1-2] echo $NODE')" w10
ran_on "$(submit '-w w[2-9] echo $NODE')" w2
ran_on "$(submit '-x w[2-10] -w w[1-2] echo $NODE')" w1
refused 'Invalid argument' tell "$W/jobs/new" '-x w[1-2 echo never'
refused 'Invalid argument' tell "$W/jobs/new" '-x w[a-c] echo never'
expect "$(count)" 3

refused 'Invalid argument' mkdir "$W/nodes/w[1-2]"
grep -q 'is not the name of one host' "$W/errors" || fail 'mkdir of a list is not explained'
refused 'Invalid argument' mkdir "$W/nodes/w1,w2"
leave

for line in '..' '.' '2/..' 'pi@..' 'w[1-' 'w[2-1]' 'w[a]' 'w1,local'; do
	printf 'w1\n%s\n' "$line" >"$N/list"
	refused "$N/list, line 2: " mount_again
	if is_mounted; then fail "mounted with \"$line\""; fi
done
