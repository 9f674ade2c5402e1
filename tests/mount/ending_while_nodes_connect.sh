# A daemon that is unmounted while threads connect to its nodes ends without a crash, whatever they are doing.
# mount: no
# again: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC
printf 'nodeA\nnodeB\nnodeC\n' >"$N/list"
# The processor is busy, so that threads are late.
nproc | xargs seq | while read -r _; do
	(while :; do :; done) &
done
for milliseconds in $(seq -f %03g 0 $((1500 / $(part 100 25))) 300); do
	mount_again
	sleep "0.$milliseconds"
	leave
done
