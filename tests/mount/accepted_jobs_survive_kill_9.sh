# The write returned: the job is there after a kill -9, once, and runs once.
# again: no
for i in 1 2 3 4 5; do
	echo "echo $i >>$T/ran" >"$W/jobs/new"
	kill_daemon
	mount_again
	expect "$(count)" $i
done
cat "$W/jobs/wait"
expect "$(sort -n ran)" "$(seq 5)"
