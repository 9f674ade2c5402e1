# At --time the job gets SIGTERM, and what its tree is, ends.
id=$(submit "--time=0:01 sh -c 'echo \$\$ >$T/child; exec sleep 1000'")
wait_state "$id" TIMEOUT
expect "$(cat "$W/results/$id/exit")" 143
wait_until "gone $(cat child)"
