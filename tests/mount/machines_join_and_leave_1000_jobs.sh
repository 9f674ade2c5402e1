# Four machines join and leave while 1,000 jobs run: each job completes, once.
# mount: no
# timeout: 240
# again: no
. "$CASES/mdns.sh"
hosts_all='alpha beta gamma delta'
serve $hosts_all
for host in $hosts_all; do know_announced $host; done
mount_again
seq 1000 | sed "s|.*|echo & >>$T/ran-\$NODE; sleep 0.05; echo &|" >"$W/jobs/new"
done_of() { cat "$W/nodes/$1/completed" 2>/dev/null || echo 0; }
busy() { [ "$(done_of "$1")" -ge "$2" ]; }
announce alpha
announce beta
wait_until 'busy alpha 50 && busy beta 50' 60
announce gamma
withdraw alpha
wait_until '[ ! -e $W/nodes/alpha ]' 10
wait_until 'busy gamma 50' 60
announce delta
withdraw beta
announce alpha
wait_until 'busy delta 50' 60
withdraw gamma
announce beta
expect "$(cat "$W/jobs/wait")" 'completed 1000 failed 0 cancelled 0'
cat ran-* | sort -n | cmp - "$(seq 1000 >all && echo all)"
cat "$W"/results/*/stdout | cmp - all
for host in $hosts_all; do [ -s "ran-$host" ] || fail "$host did nothing"; done
