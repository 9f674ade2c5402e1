# What stat says, what a read brings and what tar packs is the same number, for every file that is listed.
submit 'seq 10000' >/dev/null
submit 'echo out; echo err >&2; exit 3' >/dev/null
submit '-H --job-name=held true' >/dev/null
wait_for 10000001
wait_for 10000002 3
python3 - "$W" <<'END'
import io, os, subprocess, sys, tarfile

def packed(path):
    tar = subprocess.run(["tar", "-cPf", "-", path], capture_output=True, check=True).stdout
    return tarfile.open(fileobj=io.BytesIO(tar)).getmembers()[0].size

def agrees(path):
    size = os.stat(path).st_size
    with open(path, "rb") as file:
        return size == len(file.read()) and size == packed(path)

looked = 0
for directory, _, names in os.walk(sys.argv[1]):
    for path in (os.path.join(directory, name) for name in names):
        if os.path.islink(path) or not os.stat(path).st_mode & 0o400:
            continue
        assert any(agrees(path) for _ in range(5)), path      # some change by themselves, but not five times
        looked += 1
assert looked > 30, looked
END
