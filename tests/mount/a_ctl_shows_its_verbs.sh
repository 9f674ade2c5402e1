# A ctl can be read: its verbs, and which would be refused now. Written back, it does nothing. A refusal is told once.
id=$(submit '-H true')
grep -q '^# cancel  *ends it and all it started$' "$W/jobs/$id/ctl"
grep -q '^# signal SIG .*(not now: it has not started)$' "$W/jobs/$id/ctl"
grep -q '^# eof .*(not now: its stdin is /dev/null)$' "$W/jobs/$id/ctl"
cp "$W/jobs/$id/ctl" copy
cat copy >"$W/jobs/$id/ctl"
expect "$(cat "$W/jobs/$id/reason")" JobHeldUser
printf '# a comment\nrelease\n' >"$W/jobs/$id/ctl"
wait_for "$id"
expect "$(grep -vc 'not now: it is finished' "$W/jobs/$id/ctl" || true)" 0
grep -q '^# resume .*(not now: it is not drained)$' "$W/nodes/local/ctl"
cat "$W/nodes/local/ctl" >copy
cat copy >"$W/nodes/local/ctl"
expect "$(cat "$W/nodes/local/state")" IDLE
array=$(submit '--array=1-3 -H true')
grep -q '^# release' "$W/jobs/$array/ctl"
grep -q '^# release' "$W/jobs/$array/2/ctl"

# Its directory, too.
expect "$(cat "$W/jobs/$id/directory")" "$T"
expect "$(cat "$W/jobs/$(submit '-H -D sub true')/directory")" "$T/sub"
expect "$(sqlite3 "$S/wulfs.db" "SELECT directory FROM jobs WHERE id = $id")" "$T"
id=$(submit '-H --stdin cat')
expect "$(cat "$W/jobs/$id/stdin")" ''

refused 'Invalid argument' tell "$W/jobs/$id/ctl" 'jump'
refused 'Invalid argument' tell "$W/jobs/$id/ctl" 'jump'
expect "$(grep -c 'jump' "$W/errors")" 2
printf 'true\n-c lots true\ntrue\n' >"$W/jobs/new" || true
expect "$(grep -c ': .*lots' "$W/errors")" 1

# What is shown does nothing to a terminal.
id=$(submit "$(printf -- '--job-name=a\302\2332Jb\342\200\256c -H true')")
expect "$(cat "$W/jobs/$id/name")" 'a?2Jb?c'
expect "$(grep "^$id " "$W/queue" | cut -d' ' -f5)" 'a?2Jb?c'
refused 'Invalid argument' mkdir "$W/nodes/$(printf 'x\033[31m')"
expect "$(LC_ALL=C grep -c "$(printf '\033')" "$W/errors" || true)" 0
