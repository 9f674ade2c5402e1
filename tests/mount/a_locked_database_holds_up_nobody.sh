# Another program that writes to the database holds up no reader; who submits hears who it is; what ends meanwhile
# is taken in when the lock is gone.
# timeout: 60
lock_database() {
	python3 - "$S/wulfs.db" "$T/locked" "$T/free" <<-END &
		import os, sqlite3, sys, time
		database = sqlite3.connect(sys.argv[1], isolation_level=None)
		database.execute("BEGIN IMMEDIATE")
		open(sys.argv[2], "w").close()
		while not os.path.exists(sys.argv[3]):
		    time.sleep(0.02)
		database.execute("ROLLBACK")
	END
	locker=$!
	wait_until "[ -e $T/locked ]"
}

id=$(submit "until [ -e $T/go ]; do sleep 0.2; done; seq 30000")
wait_state "$id" RUNNING
lock_database
touch go
for _ in 1 2 3; do
	within 1000 refused "Resource temporarily unavailable" tell "$W/jobs/new" 'echo no'
	within 1000 ls "$W/results"
	within 1000 cat "$W/queue"
done
grep -q "locked by process $locker;" "$W/errors"
wait_until "grep -q 'locked by process $locker;' $W/nodes/local/reason"
expect "$(count)" 1
# Not a second of the owner's time goes to waiting, however long it takes.
for _ in $(seq 20); do
	within 1000 ls "$W/jobs"
	sleep 0.1
done
touch free
wait "$locker"
wait_for "$id"
expect "$(md5sum <"$W/results/$id/stdout")" "$(seq 30000 | md5sum)"
expect "$(cat "$W/jobs/$id/attempt")" 1
wait_for "$(submit true)"
