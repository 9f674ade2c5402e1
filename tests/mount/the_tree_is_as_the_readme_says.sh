# What is listed, what is there without being listed, and who is a symlink to what.
expect "$(ls "$W" | paste -s -d' ')" 'CACHEDIR.TAG README errors events jobs nodes queue results stats'
head -n 1 "$W/CACHEDIR.TAG" | grep -q '^Signature: 8a477f597d28d172789f06886806bc55'
grep -q 'jobs/new' "$W/README"
grep -q follow "$W/README"
for f in address arch completed cpus ctl failed features load memory os reason running seen slots source state user; do
	[ -e "$W/nodes/local/$f" ] || fail "nodes/local/$f is missing"
done
expect "$(ls "$W/jobs")" new
[ -e "$W/jobs/wait" ] || fail 'jobs/wait is not found'
id=$(submit '-H --job-name=sim true')
expect "$(ls "$W/jobs")" "$(printf '10000001\nnew')"
expect "$(ls "$W/jobs/$id" | paste -s -d' ')" 'attempt ctl directory ended name node priority reason sent spec started state submitted why'
[ -e "$W/jobs/$id/wait" ] || fail 'jobs/ID/wait is not found'
[ -e "$W/jobs/$id/follow" ] || fail 'jobs/ID/follow is not found'
expect "$(readlink "$W/jobs/sim")" "$id"
expect "$(readlink "$W/results/sim")" "$id"
expect "$(cat "$W"/jobs/*/name)" sim
refused 'No such file' ls "$W/results/README"
refused 'No such file' ls "$W/jobs/010000001"
awk -v id="$id" '$1 == id && $2 == "PENDING" && $3 == "JobHeldUser" { found = 1 } END { exit !found }' "$W/queue"
grep -q ' local' "$W/stats" || grep -q '^local' "$W/stats"
echo cancel >"$W/jobs/$id/ctl"
expect "$(ls "$W/jobs")" new
expect "$(cat "$W/jobs/$id/state")" CANCELLED
grep -q "job $id PENDING CANCELLED" "$W/events"
refused . rmdir "$W/nodes"
df "$W" >/dev/null
