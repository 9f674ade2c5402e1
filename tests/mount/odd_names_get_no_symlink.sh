# A job may be called anything, but only a name that can be a file's, and is not taken, is one.
for name in 12345678 new wait . .. a/b; do submit "-H --job-name=$name true" >/dev/null; done
long=$(head -c 300 /dev/zero | tr '\0' n)
submit "-H --job-name=$long true" >/dev/null
submit "-H --job-name='two words' true" >/dev/null
expect "$(cat "$W/jobs/10000001/name")" 12345678
expect "$(cat "$W/jobs/10000006/name")" a/b
expect "$(cat "$W/jobs/10000007/name")" "$long"
refused 'No such file' ls "$W/jobs/12345678"
[ -f "$W/jobs/new" ] || fail 'a job took the place of jobs/new'
[ -f "$W/jobs/wait" ] || fail 'a job took the place of jobs/wait'
refused 'No such file\|too long' ls "$W/jobs/$long"
expect "$(readlink "$W/jobs/two words")" 10000008
