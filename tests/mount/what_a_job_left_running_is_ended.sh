# A job ends with its first process: what it left behind is killed, then its output is final.
id=$(submit "sh -c 'echo \$\$ >$T/left; exec sleep 999' & until [ -s $T/left ]; do :; done; echo hi")
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" hi
wait_until "gone $(cat left)"
expect "$(cat "$W/jobs/$(submit 'cat; echo eof')/wait")" 0
expect "$(cat "$W/last/stdout")" eof
