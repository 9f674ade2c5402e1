# 400 jobs on four nodes: each once, all nodes take part, none runs more at a time than it has slots.
# mount: no
# again: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC nodeD
listed 1 nodeA
listed 2 nodeB nodeC
listed 3 nodeD
mount_again
wait_up nodeA nodeB nodeC nodeD
n=$(part 400 100)
mkdir at
cat >job <<END
echo "\$NODE \$SLURM_JOB_ID" >>$T/ran
mkdir $T/at/\$NODE.\$\$
echo "\$NODE \$(ls $T/at | grep -c "^\$NODE\\.")" >>$T/crowds
rmdir $T/at/\$NODE.\$\$
END
yes "sh $T/job" | head -n $n >"$W/jobs/new" || true
expect "$(cat "$W/jobs/wait")" "completed $n failed 0 cancelled 0"
expect "$(cut -d' ' -f2 ran | sort | paste -s -d' ')" "$(seq 10000001 $((10000000 + n)) | paste -s -d' ')"
expect "$(cut -d' ' -f1 ran | sort -u | paste -s -d' ')" 'nodeA nodeB nodeC nodeD'
expect "$(awk '{ most["nodeA"] = 1; most["nodeB"] = most["nodeC"] = 2; most["nodeD"] = 3 } $2 > most[$1]' crowds)" ''
expect "$(sort ran | awk '{ print $2, $1 }' | sort)" \
	"$(for id in $(seq 10000001 $((10000000 + n))); do echo "$id $(cat "$W/jobs/$id/node")"; done)"
expect "$(cat "$W"/nodes/*/completed | awk '{ n += $1 } END { print n }')" $n
expect "$(awk '$NF ~ /^node/ { n += $1 } END { print n }' "$W/stats")" $n
