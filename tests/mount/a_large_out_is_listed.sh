# More entries in out/ than one answer to the kernel holds: every tool lists and copies them all, twice, also while the
# kernel forgets them, while a reader jumps back, and while the result itself is forgotten.
# timeout: 120
daemon=$(daemon_pid)
id=$(submit '--chdir=/nowhere --return=. seq 2000 | xargs touch; mkdir long deep .hidden; cd long; for i in $(seq 400); do printf "%0250d\n" $i; done | xargs touch; cd ../deep; mkdir $(seq 700); for i in 1 350 700; do mkdir $i/in; echo $i >$i/in/.file; done; cd ..; ln -s 7 deep/link; touch .hidden/$(printf %0255d 1)')
wait_for "$id"
out=$W/results/$id/out
have=$((1 + 2000 + 3 + 400 + 700 + 6 + 1 + 1))

for i in 1 2; do
	expect "$(ls "$out" | wc -l)" 2002
	expect "$(ls -la "$out/long" | wc -l)" 403
	expect "$(find "$out" | sort -u | wc -l)" $have
	cp -a "$out" "copy$i"
	tar -cf "$i.tar" -C "$out" .
	expect "$(find "copy$i" | wc -l)" $have
	expect "$(tar -tf "$i.tar" | wc -l)" $have
	echo 2 >/proc/sys/vm/drop_caches || true        # the kernel forgets what it was told; root only
	gone "$daemon" && fail 'the daemon is gone'
done
if command -v rsync >/dev/null; then
	rsync -a "$out/" synced
	expect "$(find synced | wc -l)" $have
fi
expect "$(cat copy2/deep/350/in/.file)" 350
diff -r copy1 copy2

# From the middle, twice, and plainly without attributes.
/usr/bin/python3 - "$out" <<'PYTHON'
import ctypes, os, sys
c = ctypes.CDLL(None, use_errno=True)
class Entry(ctypes.Structure):
    _fields_ = [("ino", ctypes.c_uint64), ("off", ctypes.c_int64), ("len", ctypes.c_uint16), ("kind", ctypes.c_uint8),
                ("name", ctypes.c_char * 256)]
c.opendir.restype = ctypes.c_void_p
c.readdir.restype = ctypes.POINTER(Entry)
c.readdir.argtypes = c.telldir.argtypes = c.rewinddir.argtypes = [ctypes.c_void_p]
c.telldir.restype = ctypes.c_long
c.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
d = c.opendir(sys.argv[1].encode())
def rest():
    names = []
    while True:
        e = c.readdir(d)
        if not e:
            return names
        names.append((e.contents.name, e.contents.off))
        os.path.lexists(os.path.join(sys.argv[1].encode(), e.contents.name))
every = rest()
for at in (5, 700, 1300, 1999):
    for turn in 1, 2:
        c.seekdir(d, every[at][1])
        got = rest()
        assert [n for n, _ in got] == [n for n, _ in every[at + 1:]], (at, len(got))
PYTHON

# Others look while it is forgotten: they see all of it, less, or nothing, and the daemon lives.
(while [ -d "$out" ]; do find "$out" -ls; done) >walked 2>&1 &
(while [ -d "$out" ]; do ls "$out/long"; done) >listed 2>&1 &
wait_until '[ -s walked ] && [ -s listed ]'
rm -r "$W/results/$id"
wait
expect "$(daemon_pid)" "$daemon"
[ ! -e "$out" ]
expect "$(ls "$W/results" | wc -l)" 0
