# Somebody empties the state's parcels while they are sent: what needs them is packed and sent again.
# mount: no
. "$CASES/sshd.sh"
serve a b
listed 3 a b
mount_again
wait_up a b
mkdir d
head -c 20000000 /dev/urandom >d/x
touch -d '1 hour ago' d/x d
id=$(submit "--array=0-19 --transfer=d md5sum <d/x")
for _ in $(seq 30); do
	wait_until "ls $S/parcels | grep -q '^[0-9a-f]*$' || test -e $W/results/$id/exit"
	rm -f "$S"/parcels/[0-9a-f]*
done
wait_for "$id"
expect "$(sort -u "$W/results/$id/stdout")" "$(md5sum <d/x)"
