# A line written to jobs/new is a job: one, in whatever shell, with or without a newline at its end.
# shells: bash dash zsh "busybox sh"
echo 'echo hello' >"$W/jobs/new"
expect "$(ls "$W/results")" 10000001
wait_for 10000001
expect "$(cat "$W/results/10000001/stdout")" hello
expect "$(cat "$W/results/10000001/exit")" 0

printf 'echo no newline' >"$W/jobs/new"
expect "$(count)" 2
wait_for 10000002
expect "$(cat "$W/results/10000002/stdout")" 'no newline'
