# The same three lines by every tool one would use: the same three jobs, in order.
printf -- '-H echo one\n-H echo two\n-H echo three\n' >lines
printf -- '-H echo one\n-H echo two\n-H echo three\n' >"$W/jobs/new"
cat <<END >"$W/jobs/new"
-H echo one
-H echo two
-H echo three
END
tee "$W/jobs/new" <lines >/dev/null
cp lines "$W/jobs/new"
cp -p lines "$W/jobs/new"
cat lines >"$W/jobs/new"
cat lines >>"$W/jobs/new"
busybox cat lines >"$W/jobs/new"
busybox cp lines "$W/jobs/new"
dd if=lines of="$W/jobs/new" bs=1 status=none
dd if=lines of="$W/jobs/new" bs=7 status=none
dd if=lines of="$W/jobs/new" bs=4M status=none
dd if=lines of="$W/jobs/new" bs=7 conv=notrunc,fsync status=none
while read -r line; do echo "$line"; done <lines >"$W/jobs/new"
python3 -c 'import sys; open(sys.argv[1], "w").write(open("lines").read())' "$W/jobs/new"

for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do cat lines; done >expected
cat "$W"/jobs/[0-9]*/spec | diff expected -
