# Tens of thousands of results: ls, ls -l, find and rm -r see each once and come to an end.
# timeout: 180
n=$(part 15000)
seq $n | sed 's/^/-H echo /' >"$W/jobs/new"
python3 - "$W/jobs" $n <<'END'
import os, sys
for job in range(10000001, 10000001 + int(sys.argv[2])):
    fd = os.open(f"{sys.argv[1]}/{job}/ctl", os.O_WRONLY)
    os.write(fd, b"cancel\n")
    os.close(fd)
END
seq 10000001 $((10000000 + n)) >expected
ls "$W/results" | cmp - expected
ls -U "$W/results" | sort | cmp - expected
ls -l "$W/results" | awk 'NR > 1 { print $NF }' | cmp - expected
find "$W/results" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | cmp - expected
expect "$(find "$W/results" -name exit | wc -l)" $n
find "$W/results" -mindepth 1 -maxdepth 1 -exec rm -r {} +
expect "$(count)" 0
