# 20 MB from each of four jobs, while their connections break off again and again: every byte once.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
for i in 1 2 3 4; do
	echo "echo $i >>$T/ran; for k in 1 2 3 4 5 6 7 8 9 10; do seq ${i}000000 ${i}250000; until [ -e $T/end ] || [ -e $T/go.\$k ]; do sleep 0.2; done; done"
done >"$W/jobs/new"
for k in 1 2 3 4 5 6 7 8; do
	wait_until "[ \$(stat -c %s $W/results/10000004/stdout) -gt $((k * 1500000)) ]" 40
	: >go.$k
	break_off nodeA
	break_off nodeB
done
: >end
expect "$(cat "$W/jobs/wait")" 'completed 4 failed 0 cancelled 0'
for i in 1 2 3 4; do
	for k in 1 2 3 4 5 6 7 8 9 10; do seq ${i}000000 ${i}250000; done | cmp - "$W/results/1000000$i/stdout"
	expect "$(cat "$W/jobs/1000000$i/attempt")" 1
done
expect "$(wc -l <ran)" 4
