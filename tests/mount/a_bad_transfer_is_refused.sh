# What --transfer names is looked at when a job is submitted: what is missing, cannot be read, leads out, or is no
# file fails the write, with a sentence that names it, and no job is made.
mkdir d d/sub
echo x >file
echo x >d/f
mkfifo pipe
ln -s /etc/passwd outside
ln -s .. above
ln -s d inside
refuse() {
	refused 'error writing' tell "$W/jobs/new" "--transfer=$1 true"
	grep -q -F -e "$2" "$W/errors" || fail "errors: $(cat "$W/errors")"
}
refuse missing "$T/missing: No such file"
refuse file,d,missing "$T/missing: No such file"
refuse file/x 'Not a directory'
refuse outside "$T/outside: is a link that leads out of its directory, to /etc/passwd"
refuse above/x 'above/x'
refuse above 'leads out'
refuse pipe 'pipe: is neither a file, a directory nor a link'
refuse ../x '".." leads out of the directory'
refuse "file,$T/file" 'two of the paths would be file'
ln -s /etc d/etc
refuse d 'd/etc: is a link to /etc, outside of what is sent'
rm d/etc
mkfifo d/sub/pipe
refuse d 'd/sub/pipe: is neither'
rm d/sub/pipe
(cd "$W/jobs" && refuse file 'write an absolute path')
printf '#!/bin/sh\n#SBATCH --transfer=missing\ntrue\n' >script
refused 'No such file' cp script "$W/jobs/new"
expect "$(count)" 0

if [ "$(id -u)" != 0 ]; then
	chmod 000 d/f
	refuse d 'd/f: Permission denied'
	chmod 644 d/f
fi
printf '#!/bin/sh\n#SBATCH --transfer=d,file,inside\ncat d/f inside/f file\n' >script
cp script "$W/jobs/new"
expect "$(cat "$W/jobs/wait")" 'completed 1 failed 0 cancelled 0'
expect "$(cat "$W/last/stdout")" "$(printf 'x\nx\nx')"
