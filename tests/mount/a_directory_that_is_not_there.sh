# --chdir counts from where it was sent from; without the directory a job runs in scratch, says so, and keeps its files.
said() { cat "$W/results/$1/stderr"; }
mkdir -p here/logs run
cd here
for rows in ".=$T/here" "./=$T/here" "../run=$T/run" "logs=$T/here/logs" "./logs/../logs=$T/here/logs" "..=$T"; do
	id=$(submit "--chdir=${rows%%=*} pwd -P")
	wait_for "$id"
	expect "$(cat "$W/results/$id/stdout")" "${rows#*=}"
	expect "$(said "$id")" ''
done
printf '#!/bin/sh\n#SBATCH -D ./logs\npwd\nsrun --chdir=../../run pwd\nsrun -n1 -D nowhere pwd\n' >"$W/jobs/new"
wait_for "$(basename "$(readlink "$W/last")")" 127
expect "$(cat "$W/last/stdout")" "$(printf '%s\n' "$T/here/logs" "$T/run")"
grep -q 'srun: nowhere: No such file' "$W/last/stderr"
cd "$W"
refused '' tell jobs/new '-D ./ pwd'
grep -q 'it is not known where this was written from' errors
cd "$T"

# It left files: they are kept.
mkdir going
cd going
id=$(submit '-H echo data >out.txt; mkdir -p a/b; echo deep >a/b/c; printf half >&2')
cd "$T"
rmdir going
echo release >"$W/jobs/$id/ctl"
wait_for "$id"
expect "$(said "$id")" "$(printf 'half\nwulfs: ran in a scratch directory, since %s is not there; what it left there is kept in its out/' "$T/going")"
expect "$(cat "$W/results/$id/out/out.txt" "$W/results/$id/out/a/b/c")" "$(printf 'data\ndeep')"

# A limit, and what is over it is named; what is no file, too.
mkdir going
cd going
id=$(submit '-H head -c 20000000 /dev/zero >large; echo small >small; mkfifo "$(printf "p\nipe")"; for i in 1 2 3; do head -c 6000000 /dev/zero >part$i; done')
cd "$T"
rmdir going
echo release >"$W/jobs/$id/ctl"
wait_for "$id"
expect "$(said "$id" | sed 's/.*; what/what/')" 'what it left there is kept in its out/, 16 MiB at most; gone: large, p?ipe, part3'
expect "$(find "$W/results/$id/out" -type f | sed 's,.*/,,' | sort | paste -sd ' ')" 'part1 part2 small'

# Nothing is left, all is well, and nobody named it: no word. Else a line.
mkdir going
cd going
quiet=$(submit '-H true')
failed=$(submit '-H exit 3')
returned=$(submit '-H --return=a touch a b')
cd "$T"
rmdir going
for id in $quiet $failed $returned; do echo release >"$W/jobs/$id/ctl"; done
wait_for "$quiet"
expect "$(said "$quiet")" ''
refused 'No such file' ls "$W/results/$quiet/out"
wait_for "$failed" 3
expect "$(said "$failed")" "wulfs: ran in a scratch directory, since $T/going is not there"
wait_for "$returned"
expect "$(ls "$W/results/$returned/out")" a
id=$(submit '--chdir=/no/where true')
wait_for "$id"
expect "$(said "$id")" 'wulfs: ran in a scratch directory, since /no/where is not there'
id=$(submit '--chdir=/etc/passwd true')
wait_for "$id"
expect "$(said "$id")" 'wulfs: ran in a scratch directory, since /etc/passwd is not there'

# Sent from inside the mount: there is no directory, and what it writes is kept as well. With --transfer it knows.
cd "$W"
id=$(submit 'echo data >out.txt')
wait_for "$id"
expect "$(cat "results/$id/out/out.txt")" data
expect "$(said "$id")" 'wulfs: ran in a scratch directory, since it is not known where it was sent from; what it left there is kept in its out/'
id=$(submit "--transfer=$T/run touch more")
wait_for "$id"
expect "$(said "$id")" ''

# They go when the result is forgotten, of an array as well, after a remount as well.
id=$(submit '--array=1-2 --chdir=/no/where touch kept')
wait_for "$id"
expect "$(cd "results/$id" && ls -- */out/kept | paste -sd ' ')" '1/out/kept 2/out/kept'
cd "$T"
leave
mount_again
rm -r "$W/results/$id"
wait_until "[ -z \"\$(ls $S/outputs | grep -e ^$id -e ^$((id + 1)))\" ]"
