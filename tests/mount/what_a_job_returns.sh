# --return: globs, in the directory the job starts in; from jobs that fail, too; what cannot come is named.
ret() { id=$(submit "$1"); wait_for "$id" "${2:-0}"; out=$W/results/$id/out; }

ret '--return=*.txt,deep/*/x,.dot,all --chdir=/nowhere echo a >a.txt; echo b >b.dat; mkdir -p deep/1 deep/2 all/in; touch deep/1/x deep/2/x deep/2/y .dot .other all/.z'
expect "$(cd "$out" && find . | sort | tr '\n' ' ')" \
	'. ./.dot ./a.txt ./all ./all/.z ./all/in ./deep ./deep/1 ./deep/1/x ./deep/2 ./deep/2/x '
expect "$(cat "$out/a.txt")" a

# Where the submitter stands, if that is where it starts.
mkdir here
cd here || exit
ret '--return=sub/new pwd; mkdir sub; echo new >sub/new; echo no >sub/other'
cd "$T" || exit
expect "$(cat "$W/results/$id/stdout")" "$T/here"
expect "$(cd "$out" && find . -type f)" ./sub/new
expect "$(cat here/sub/new)" new

ret '--return=none*,[x] --transfer=here true'
expect "$(ls -A "$out")" ''
expect "$(cat "$W/results/$id/stderr")" ''
ret '--return=. --transfer=here echo more >here/more; exit 3' 3
expect "$(cat "$out/here/more" "$out/here/sub/new")" "$(printf 'more\nnew')"
ret '--transfer=here --return=* mkfifo pipe; ln -s /etc/passwd out; ln -s here/sub in; kill -9 $$' 137
expect "$(cd "$out" && ls | paste -sd' ')" 'here in'
expect "$(cat "$W/results/$id/stderr")" "$(printf 'wulfs: --return: %s; left out\n' \
	'out: is a link to /etc/passwd, outside of what is sent' 'pipe: is neither a file, a directory nor a link')"
ret '--return=x sleep 0.1; true'
[ -d "$out" ]
id=$(submit 'true')
wait_for "$id"
refused 'No such file' ls "$W/results/$id/out"

id=$(submit "--return=part echo half >part; echo here; sleep 99")
wait_until "[ -s $W/results/$id/stdout ]"
refused 'No such file' ls "$W/results/$id/out"
echo cancel >"$W/jobs/$id/ctl"
wait_for "$id" 143
expect "$(find . -name part)" ./part
expect "$(cat "$W/results/$id/out/part")" half

# Forgotten with its result; who reads goes on.
ret '--return=big,d head -c 3000000 /dev/urandom >big; mkdir -p d/e; touch d/e/f; md5sum <big'
exec 5<"$out/big"
head -c 10 <&5 >/dev/null
[ -d "$S/outputs/$id.out" ]
rm -r "$W/results/$id"
wait_until "[ -z \"\$(ls $S/outputs | grep $id)\" ]"
expect "$(wc -c <&5)" 2999990
exec 5<&-
expect "$(stat -c %i "$W/results/10000001/out/deep")" "$(leave; mount_again; stat -c %i "$W/results/10000001/out/deep")"
expect "$(cat "$W/results/10000001/out/a.txt")" a
find "$W/results" -type f -exec cat {} + >/dev/null
