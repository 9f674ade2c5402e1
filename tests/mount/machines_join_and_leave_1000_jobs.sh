# Four machines join and leave while 1,000 jobs run: each job completes, once.
# mount: no
# timeout: 240
# again: no
. "$CASES/mdns.sh"
n=$(part 1000 600)
some=$(part 50 15)
hosts_all='alpha beta gamma delta'
serve $hosts_all
for host in $hosts_all; do know_announced $host; done
mount_again
given=0
more() {
	seq $((given + 1)) $((given + n / 4)) | sed "s|.*|echo & >>$T/ran-\$NODE; sleep 0.05; echo &|" >"$W/jobs/new"
	given=$((given + n / 4))
}
done_of() { cat "$W/nodes/$1/completed" 2>/dev/null || echo 0; }
busy() { [ "$(done_of "$1")" -ge "$2" ]; }
announce alpha
announce beta
wait_up alpha beta
more
wait_until "busy alpha $some && busy beta $some" 60
announce gamma
withdraw alpha
wait_until '[ ! -e $W/nodes/alpha ]' 10
wait_up gamma
more
wait_until "busy gamma $some" 60
announce delta
withdraw beta
announce alpha
wait_up delta
more
wait_until "busy delta $some" 60
withdraw gamma
announce beta
more
expect "$(cat "$W/jobs/wait")" "completed $n failed 0 cancelled 0"
cat ran-* | sort -n | cmp - "$(seq $n >all && echo all)"
cat "$W"/results/*/stdout | cmp - all
for host in $hosts_all; do [ -s "ran-$host" ] || fail "$host did nothing"; done
