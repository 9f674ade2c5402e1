# Half a line whose other half was refused, whose writer died, or that was left without a newline.
touch ran
if { printf 'echo half >>%s/ran; ' "$T" && printf 'x\0y\n'; } >"$W/jobs/new"; then fail 'the NUL was accepted'; fi

mkfifo gate
sh -c 'printf "echo "; printf "killed >>%s/ran; " "$T"; echo >gate; exec sleep 1000' >"$W/jobs/new" &
read -r _ <gate
kill -9 $!
wait $! || true

{ printf 'echo one >>%s/ran; ' "$T"; printf 'echo two >>%s/ran' "$T"; } >"$W/jobs/new" || true
refused 'Invalid argument' python3 - "$W/jobs/new" <<END
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY)
os.write(fd, b"echo three ")
os.write(fd, b">>$T/ran")
os.close(fd)
END

echo true >"$W/jobs/new"
cat "$W/jobs/wait"
expect "$(cat ran)" ''
expect "$(sqlite3 "$S/wulfs.db" 'SELECT CAST(spec AS TEXT) FROM job')" true
