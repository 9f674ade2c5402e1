# Every refusal of a line: its errno, its sentence in "errors", and nothing left behind.
refuse() { refused "$1" dd of="$W/jobs/new" bs=1M status=none; }
said() { grep -q -e "$1" "$W/errors" || fail "errors does not say \"$1\""; }

echo '--cpus-per-task=lots true' | refuse 'Invalid argument'
said '--cpus-per-task.*lots'
echo '-c' | refuse 'Invalid argument'
echo '--nodes=2 true' | refuse 'Invalid argument'
said '--nodes'
echo "--job-name='open true" | refuse 'Invalid argument'
echo '--hold' | refuse 'Invalid argument'
printf 'echo a\0b\n' | refuse 'Invalid argument'
said NUL
printf 'true\r\n' | refuse 'Invalid argument'
echo '#SBATCH --time=1' | refuse 'Invalid argument'
said '#SBATCH'
printf '#!/bin/sh\r\ntrue\r\n' | refuse 'Invalid argument'
printf '#!/bin/sh\n#SBATCH --bogus\ntrue\n' | refuse 'Invalid argument'
said '--bogus'
{ head -c 65537 /dev/zero | tr '\0' x; echo; } | refuse 'Argument list too long'
{ echo '#!/bin/sh'; head -c 4200000 /dev/zero | tr '\0' '#'; } | refuse 'Argument list too long'

expect "$(count)" 0
[ "$(grep -c 'jobs/new' "$W/errors")" -le 64 ] || fail "errors holds more than the last 64"
expect "$(sqlite3 "$S/wulfs.db" 'SELECT count(*) FROM job; SELECT count(*) FROM draft')" "$(printf '0\n0')"
