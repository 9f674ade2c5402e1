# 10 MiB of random bytes are the same through every way to read a file.
head -c 10485760 /dev/urandom >random
id=$(submit "cat $T/random")
wait_for "$id"
f=$W/results/$id/stdout
sum=$(sha256sum <random)
same() { expect "$(sha256sum)" "$sum"; }

cat "$f" | same
busybox cat "$f" | same
dd if="$f" bs=4k status=none | same
tail -c +1 "$f" | same
cp "$f" copy && same <copy
busybox cp "$f" copy2 && same <copy2
cp -p "$f" copy3 && same <copy3
tar -cf - -C "$W/results/$id" stdout | tar -xOf - | same
if command -v rsync >/dev/null; then rsync "$f" copy4 && same <copy4; fi
gzip -c "$f" | gzip -d | same
for way in mmap pread sendfile splice; do
	python3 "$CASES/read_by.py" $way "$f" | same
done
cat "$W/jobs/$id/follow" | same
