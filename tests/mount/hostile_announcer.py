# hostile_announcer.py WHAT ADDRESS [COUNT] - what nobody with good intentions says by mDNS, from ADDRESS. Run it in a
# network of its own. Prints how much it sent.
import random, socket, struct, sys, time

what, address = sys.argv[1], sys.argv[2]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 0
TTL = 8

out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
out.bind(("", 5353))
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))


def send(packet):
    out.sendto(packet, ("224.0.0.251", 5353))


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, data, flush=True, ttl=TTL):
    return owner + struct.pack(">HHIH", kind, 0x8001 if flush else 1, ttl, len(data)) + data


def response(*records):
    return struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def service(instance, kind, host, port=22, txt=(), at=address):
    """All that a browser wants to know of one service, as one packet."""
    of, full, target = name(kind, b"_tcp", b"local"), name(instance, kind, b"_tcp", b"local"), name(*host)
    strings = b"".join(bytes([len(text)]) + text for text in txt) or b"\0"
    return response(record(of, 12, full, flush=False), record(full, 33, struct.pack(">HHH", 0, 0, port) + target),
                    record(full, 16, strings), record(target, 1, socket.inet_aton(at)))


def malformed():
    header = struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0)
    yield b""
    yield header[:7]
    yield header
    yield header + b"\xc0\x0c" + struct.pack(">HHIH", 12, 1, TTL, 2) + b"\xc0\x0c"         # a name that is itself
    yield header + b"\x01a\xc0\x0c" + struct.pack(">HHIH", 12, 1, TTL, 2) + b"\xc0\x0e"    # and one in a ring
    yield header + b"\x3f" + b"a" * 63 * 8                                                  # 300 bytes of it, and more
    yield header + name(b"_wulfs", b"_tcp", b"local") + struct.pack(">HHIH", 12, 1, TTL, 65535) + b"\x01a"
    yield struct.pack(">HHHHHH", 0, 0x8400, 0, 65535, 65535, 65535) + b"\0" * 100
    good = service(b"ring", b"_wulfs", (b"ring", b"local"))
    for cut in range(len(good)):
        yield good[:cut]
    random.seed(1)
    for _ in range(count):
        bad = bytearray(good)
        for _ in range(random.randrange(1, 8)):
            bad[random.randrange(12, len(bad))] = random.randrange(256)
        yield bytes(bad)


def odd():
    hosts = [b"../x", b"a/b", b"x\ny", b"\x1b[2J", b"-oProxyCommand=x", b"$(touch x)", b" ", b"a b", b"\xff\xfe", b"local",
             b"x" * 63]
    for i, host in enumerate(hosts):
        yield service(b"odd%d" % i, b"_wulfs", (host, b"local"))
        yield service(host, b"_ssh", (b"sane%d" % i, b"local"))
    yield service(b"far", b"_wulfs", (b"far", b"example", b"com"))
    yield service(b"long", b"_wulfs", (b"l" * 63, b"m" * 63, b"n" * 63, b"local"))
    yield service(b"port0", b"_ssh", (b"port0", b"local"), port=0)
    yield service(b"txt", b"_ssh", (b"txt", b"local"), txt=[b"cpus=999999999999", b"=", b"", b"arch=\n\n", b"x" * 255])
    yield service(b"claims", b"_wulfs", (b"claims", b"local"),
                  txt=[b"cpus=-1", b"memory=1e9", b"arch=\x1b[31m", b"fingerprint=SHA256:../../etc", b"cpus=70000"])


def names():
    for i in range(count):
        kind = b"_wulfs" if i % 4 == 0 else b"_ssh"
        yield service(b"fake%d" % i, kind, (b"fake%d" % i, b"local"))


def imitation():
    for kind in b"_wulfs", b"_ssh":
        yield service(b"alpha", kind, (b"alpha", b"local"))
        yield service(b"alpha again", kind, (b"alpha", b"local"), port=2222)
        yield service(b"other", kind, (b"ALPHA", b"local"))


sent, begun = 0, time.monotonic()
for packet in {"malformed": malformed, "odd": odd, "names": names, "imitation": imitation}[what]():
    send(packet)
    sent += 1
    ahead = sent / 10000 - (time.monotonic() - begun)   # 10,000 a second
    if ahead > 0.001:
        time.sleep(ahead)
print(sent, "in %.1f s" % (time.monotonic() - begun))
