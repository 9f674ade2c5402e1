# again: no
# A filesystem whose server does not answer, here a second wulfs that is stopped, is waited for by the write that names
# it, for two seconds, and by nobody else: neither by ls, nor by other writers or their packing, nor by the end.
mkdir dead
"$WULFS" -o "state=$T/dead.state,discover=no,local=1" "$T/dead"
echo 'echo x' >"$T/dead/jobs/new"
expect "$(cat "$T/dead/jobs/wait")" 'completed 1 failed 0 cancelled 0'
daemon_of() { sed 's/^pid \([0-9]*\),.*/\1/' "$1/lock"; }
dead=$(daemon_of "$T/dead.state")
kill -0 "$dead"
id=$(ls "$T/dead/results" | head -n 1)
echo x >file

# What is accepted first, and gets stuck when it is packed: more of them than are packed at once.
echo drain >"$W/nodes/local/ctl"
for n in stdout stderr ./stdout; do submit "--transfer=$T/dead/results/$id/$n,$T/file true"; done >stuck
kill -STOP "$dead"
trap 'kill -CONT $dead; fusermount3 -u -z "$T/dead"' EXIT
echo resume >"$W/nodes/local/ctl"

# A write that names it is refused in time, and at once the next time; nobody else notices.
echo "--transfer=$T/dead/results/$id/stderr true" >line
(refused 'error writing' timeout -s KILL 60 dd if=line of="$W/jobs/new" status=none; echo yes >was_refused) &
writer=$!
usually_within 500 ls "$W/results"
wait "$writer"
expect "$(cat was_refused)" yes
grep -q 'has not answered for 2 s; nothing was submitted' "$W/errors"
again() { refused 'error writing' dd if=line of="$W/jobs/new" status=none; }
usually_within 1000 again
grep -q 'has not answered lately' "$W/errors"
(cd "$T" && printf '#!/bin/sh\n#SBATCH --transfer=dead/results/%s/stderr\ntrue\n' "$id" >script)
refused '.' cp script "$W/jobs/new"

# Others are packed meanwhile, and run.
after=$(submit "--transfer=$T/file cat file")
wait_until "grep -q COMPLETED $W/jobs/$after/state" 30

# The daemon ends, though threads of it do not, and the state can be mounted again.
daemon=$(daemon_of "$S")
end_it() { kill -TERM "$daemon"; wait_until "gone $daemon" 20; }
within 5000 end_it
mount_again
expect "$(cat "$W/jobs/$after/state")" COMPLETED
kill -CONT "$dead"
while read -r one; do wait_for "$one"; done <stuck
