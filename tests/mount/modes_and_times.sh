# Modes say who may do what, times when something changed, and inode numbers outlive a remount.
id=$(submit 'echo x')
wait_for "$id"
expect "$(stat -c %a "$W/jobs/new" "$W/jobs/$id/ctl" "$W/results/$id/stdout" | paste -s -d' ')" '600 600 444'
expect "$(stat -c %u "$W/jobs/new")" "$(id -u)"
now=$(date +%s)
for f in results/$id/stdout results/$id/exit results/$id; do
	at=$(stat -c %Y "$W/$f")
	if [ $at -lt $((now - 60)) ] || [ $at -gt $((now + 1)) ]; then fail "$f has time $at, now is $now"; fi
done
grep -q '^[0-9]*\.[0-9][0-9][0-9]$' "$W/jobs/$id/submitted"
expect "$(stat -c %b "$W/results/$id/stdout")" 1
( cd "$W" && stat -c '%i %n' results results/$id results/$id/stdout jobs/$id/spec nodes/local/state ) >before
leave
mount_again
( cd "$W" && stat -c '%i %n' results results/$id results/$id/stdout jobs/$id/spec nodes/local/state ) | diff before -
expect "$(awk '{ print $1 }' before | sort -u | wc -l)" 5
