# A line may come in several writes through one open.
# shells: bash dash zsh "busybox sh"
{ printf 'echo '; date >/dev/null; echo 7; } >"$W/jobs/new"
expect "$(count)" 1
wait_for 10000001
expect "$(cat "$W/results/10000001/stdout")" 7
expect "$(cat "$W/jobs/10000001/spec")" 'echo 7'
