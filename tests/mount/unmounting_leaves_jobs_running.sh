# Running jobs go on without a mount; the next one takes them up. Finished results stay as they are.
done_before=$(submit 'seq 30000')
wait_for "$done_before"
sum=$(md5sum <"$W/results/$done_before/stdout")
id=$(submit "echo \$\$; until [ -e $T/end ]; do sleep 0.2; done; seq 20000; exit 3")
wait_until "[ -s $W/results/$id/stdout ]"
leave
touch end
mount_again
wait_for "$id" 3
expect "$(tail -n +2 "$W/results/$id/stdout" | md5sum)" "$(seq 20000 | md5sum)"
expect "$(md5sum <"$W/results/$done_before/stdout")" "$sum"
expect "$(cat "$W/jobs/$id/attempt")" 1
