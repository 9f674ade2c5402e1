# The daemon dies while a script is being written: what was flushed is a job again, held, and says why.
python3 - "$W/jobs/new" <<'END' &
import os, sys, time
fd = os.open(sys.argv[1], os.O_WRONLY)
os.write(fd, b"#!/bin/sh\necho one\n")
os.close(os.dup(fd))
open("flushed", "w").close()
time.sleep(1000)
END
wait_until '[ -e flushed ]'
expect "$(count)" 0
kill_daemon
kill -9 $!
mount_again
expect "$(count)" 1
expect "$(cat "$W/jobs/10000001/state")" PENDING
expect "$(cat "$W/jobs/10000001/reason")" JobHeldUnfinishedWrite
echo release >"$W/jobs/10000001/ctl"
wait_for 10000001
expect "$(cat "$W/results/10000001/stdout")" one

# What was refused is not held, nor kept.
exec 4>"$W/jobs/new"
printf '#!/bin/sh\n' >&4                # a flush: kept as a draft
printf '#SBATCH --bogus\n' >&4 && fail 'there is no such option'
exec 4>&-
before=$(count)
leave
mount_again
expect "$(count)" "$before"
