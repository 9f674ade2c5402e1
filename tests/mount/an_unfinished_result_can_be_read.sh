# cat gives what there is, at once; tail -f follows; "follow" gives all of it and ends with the job.
id=$(submit "echo one; until [ -e $T/go ]; do sleep 0.2; done; echo two; until [ -e $T/end ]; do sleep 0.2; done")
wait_until "[ -s $W/results/$id/stdout ]"
within 1000 cat "$W/results/$id/stdout" >got
expect "$(cat got)" one
tail -n +1 -f "$W/results/$id/stdout" >tailed &
tail=$!
cat "$W/jobs/$id/follow" >followed &
follow=$!
wait_until 'grep one tailed && grep one followed'
touch go
wait_until 'grep two tailed' 2
wait_until 'grep two followed' 2
touch end
wait $follow
kill $tail
expect "$(cat followed)" "$(printf 'one\ntwo')"
expect "$(cat tailed)" "$(printf 'one\ntwo')"
