# stdout and stderr are there, empty, as soon as the job is; exit comes last.
id=$(submit '-H echo out; echo err >&2; exit 7')
expect "$(ls "$W/results/$id")" "$(printf 'stderr\nstdout')"
expect "$(stat -c %s "$W/results/$id/stdout" "$W/results/$id/stderr")" "$(printf '0\n0')"
refused 'No such file' cat "$W/results/$id/exit"
echo release >"$W/jobs/$id/ctl"
wait_for "$id" 7
expect "$(ls "$W/results/$id")" "$(printf 'exit\nstderr\nstdout')"
expect "$(cat "$W/results/$id/stdout" "$W/results/$id/stderr" "$W/results/$id/exit")" "$(printf 'out\nerr\n7')"
expect "$(cat "$W/jobs/$id/state" "$W/jobs/$id/reason")" "$(printf 'FAILED\nNonZeroExitCode')"
