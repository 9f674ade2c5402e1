# Hosts on a network, and their links are cut: for less than lost_after, for less than requeue_after, for longer.
# mount: no
# options: lost_after=4,requeue_after=15
# timeout: 180
. "$CASES/netns.sh"
# whole ID: its output counts without a gap
whole() {
	last=$(sed -n 's/^last //p' "$W/results/$1/stdout")
	{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$1/stdout"
}
# grows ID: it is heard of
grows() { size=$(stat -c %s "$W/results/$1/stdout") && wait_until "[ \$(stat -c %s $W/results/$1/stdout) -gt $size ]" 60; }
# downs NODE: how often it was DOWN
downs() { grep -c "node $1 [A-Z]* DOWN" "$W/events" || true; }

serve nodeA nodeB nodeC nodeD
listed 1 nodeA nodeB nodeC
mount_again
wait_up nodeA nodeB nodeC
count="n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n"
brief=$(submit "-w nodeA echo \$NODE \$\$ >>$T/ran; $count")
middling=$(submit "-w nodeB echo \$NODE \$\$ >>$T/ran; $count")
long=$(submit "-w nodeC,nodeD echo \$NODE \$\$ >>$T/ran; $count")
wait_until '[ $(wc -l <ran) = 3 ]'

cut_link nodeA
sleep 2         # that is how long it is cut
mend_link nodeA
grows "$brief"
expect "$(downs nodeA)" 0

cut_link nodeB
wait_node nodeB DOWN
grep -q . "$W/nodes/nodeB/reason"
expect "$(cat "$W/jobs/$middling/state")" RUNNING
mend_link nodeB
wait_up nodeB
grows "$middling"
expect "$(downs nodeB)" 1

cut_link nodeC
mkdir "$W/nodes/nodeD"
usually_within 100 ls "$W/nodes"
wait_until 'grep -q nodeD ran' 60
old=$(sed -n 's/^nodeC //p' ran)
kill -0 "$old"          # nobody could tell it
mend_link nodeC
wait_up nodeC
wait_until "gone $old"

touch end
expect "$(cat "$W/jobs/wait")" 'completed 3 failed 0 cancelled 0'
for id in $brief $middling $long; do whole "$id"; done
expect "$(cut -d' ' -f1 ran | sort | paste -s -d' ')" 'nodeA nodeB nodeC nodeD'
expect "$(cat "$W/jobs/$brief/attempt" "$W/jobs/$middling/attempt" "$W/jobs/$long/attempt" | paste -s -d' ')" '1 1 2'
expect "$(cat "$W/jobs/$long/node")" nodeD
