# 1,000 parked reads cost nothing: everything else stays fast, no thread is added, all wake up in the end.
# alone: yes
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done; exit 9")
threads() { ls "/proc/$(daemon_pid)/task" | wc -l; }
before=$(threads)
python3 "$CASES/park_readers.py" "$W/jobs/$id/wait" 1000 parked >codes &
readers=$!
wait_until '[ -e parked ]' 30
within 500 ls "$W/results"
within 500 stat "$W/results/$id/stdout"
within 500 cat "$W/queue"
within 500 submit '-H true'
expect "$(threads)" "$before"
touch end
within 5000 wait $readers
expect "$(sort codes | uniq -c | tr -s ' ')" ' 1000 9'
