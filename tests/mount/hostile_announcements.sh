# Whatever is announced, and however much: nobody is told who we are, nothing is sent, and the mount is as quick as before.
# mount: no
# timeout: 240
# alone: yes
. "$CASES/mdns.sh"
hostile() { inside beta python3 "$CASES/hostile_announcer.py" "$1" "$(cat "$N/beta/address")" ${2:+"$2"}; }
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"; }
alpha_works() { within $((${1:-3} * 1000)) wait_for "$(submit '-w alpha true')"; }

serve alpha beta gamma
know_announced alpha
know_announced gamma
announce alpha
mount_again
wait_up alpha
alpha_works

# What is no announcement.
(hostile malformed 2000)
alpha_works

# Names that are none, and some that are. What came before may fill the memory of what is heard, for eight seconds.
wait_until '(hostile odd) && [ -e "$W/nodes/txt" ] && [ -e "$W/nodes/claims" ]' 30
announce gamma
wait_up gamma   # it was heard after those
ls "$W/nodes" | while IFS= read -r node; do
	case $node in
	alpha | gamma | local-2 | sane* | txt | claims | ring | xxxxxxxxxx*) ;;
	*) fail "a node of the name \"$node\"" ;;
	esac
done
expect "$(cat "$W/nodes/txt/cpus" "$W/nodes/claims/cpus" "$W/nodes/claims/memory" | paste -s -d' ')" '0 0 0'
expect "$(cat "$W/nodes/claims/arch" "$W/nodes/claims/fingerprint" | head -n 1)" ''
[ ! -e "$W/nodes/local" ]

# alpha's name, by another with another key. It loses its connection, too: who is asked is not who answers.
for _ in 1 2 3; do (hostile imitation); done
wait_until "grep -q 'Connection from' $N/beta/log"
break_off alpha
alpha_works 20
wait_up alpha
expect "$(ls "$W/nodes" | grep '^alpha')" alpha
told_nothing beta

# Ten thousand names, ten thousand a second, for some seconds.
before=$(memory)
inside beta sh -c 'for i in $(seq "$2"); do python3 "$CASES/hostile_announcer.py" names "$1" 10000; done' sh "$(cat "$N/beta/address")" "$(part 12 4)" &
flood=$!
wait_until "[ \$(ls $W/nodes | wc -l) -gt 100 ]" 20
usually_within 150 ls "$W/nodes"
usually_within 300 wait_for "$(submit '-w alpha true')"
{ set +x; } 2>/dev/null
crowd=0
while kill -0 $flood 2>/dev/null; do
	now=$(ls "$W/nodes" | wc -l)
	[ "$now" -le $crowd ] || crowd=$now
done
set -x
wait $flood
[ "$crowd" -le 260 ] || fail "$crowd nodes"
alpha_works
grown=$(($(memory) - before))
echo "grew by $grown kB, up to $crowd nodes"
[ "$grown" -lt 65536 ] || [ "$SANITIZED" ] || fail "grew by $grown kB"
expect "$(grep -c 'the others are left out' "$S/wulfs.log")" 1
told_nothing beta
# They go as they came.
wait_until "[ \$(ls $W/nodes | grep -c fake) = 0 ]" 60
wait_up alpha gamma
