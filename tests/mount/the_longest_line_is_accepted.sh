# 64 KiB of a line and 4 MiB of a script are within bounds.
{ printf ': '; head -c 65534 /dev/zero | tr '\0' x; echo; } >line
cp line "$W/jobs/new"
wait_for 10000001
{ printf '#!/bin/sh\necho done\nexit\n'; head -c 4000000 /dev/zero | tr '\0' '#'; } >script
cp script "$W/jobs/new"
wait_for 10000002
expect "$(cat "$W/results/10000002/stdout")" 'done'
cmp script "$W/jobs/10000002/spec"
