# --transfer brings files and directories to where the task starts, --return brings what it made back: names with
# spaces, newlines and bytes that are no UTF-8, modes, times, links and all.
mkdir -p in/deep 'in/with space'
printf 'one\n' >'in/with space/a b'
printf 'two\n' >"$(printf 'in/new\nline')"
printf 'three\n' >"$(printf 'in/\377\376')"
printf '#!/bin/sh\necho ran "$@"\n' >tool
chmod 755 tool
chmod 640 in/deep
ln -s '../with space/a b' in/deep/link
ln -s nowhere in/dangling
touch -d '2001-02-03 04:05:06.789' 'in/with space/a b'
chmod 440 'in/with space/a b'
chmod 750 in/deep
: >in/empty
mkdir in/hollow

id=$(submit '--transfer=in,tool --return=got ./tool it; cp -a in got; pwd; find . | wc -l')
wait_for "$id"
expect "$(head -n 1 "$W/results/$id/stdout")" 'ran it'
out=$W/results/$id/out
expect "$(ls "$out")" got
diff -r --no-dereference in "$out/got"
list() {
	(cd "$1" && find . ! -type l -printf '%y %m %T@ %p\n' | sort && find . -type l -printf '%l %p\n' | sort &&
		find . -type f -printf '%s %p\n' | sort)
}
list in >here
list "$out/got" >there
diff here there
expect "$(stat -c '%a %s %Y' "$out/got/with space/a b")" "440 4 $(date -d '2001-02-03 04:05:06' +%s)"
expect "$(tar -C "$out" -cf - got | tar -tf - | sed 's/^got/in/' | sort)" "$(tar -cf - in | tar -tf - | sort)"
rsync -a "$out/" copied/
cp -r "$out/got" cp
diff -r --no-dereference in copied/got
expect "$(grep -rl three "$out" | wc -l)" 1
expect "$(cat "$out/got/deep/link")" one
expect "$(find "$out" -type f -printf x)" xxxx
refused 'Permission denied' sh -c "echo >>$out/got/empty"
refused 'not permitted' touch "$out/more"
