# Creating, replacing, renaming and removing in jobs/ is refused in so many words; nothing changes.
echo '-H true' >"$W/jobs/new"
echo true >line
ls -a "$W/jobs" >before
no='Operation not permitted\|Permission denied'
refused "$no" mv line "$W/jobs/"
refused "$no" cp line "$W/jobs/job"
refused "$no" install line "$W/jobs/new"
refused "$no" ln -s /etc/passwd "$W/jobs/link"
refused "$no" ln "$W/jobs/new" "$W/jobs/hard"
refused "$no" rm -f "$W/jobs/new"
refused "$no" rm -rf "$W/jobs/10000001"
refused "$no" sed -i s/a/b/ "$W/jobs/new"
refused "$no" mkdir "$W/jobs/directory"
refused "$no" mv "$W/jobs/10000001" "$W/jobs/10000002"
refused "$no" mv "$W/jobs/new" "$W/jobs/old"
refused "$no" sh -c "true >$W/jobs/z"
refused "$no" mknod "$W/jobs/pipe" p
refused "$no" rmdir "$W/jobs"
if command -v rsync >/dev/null; then refused "$no" rsync line "$W/jobs/"; fi
ls -a "$W/jobs" | diff before -
expect "$(count)" 1
expect "$(cat "$W/jobs/10000001/spec")" '-H true'
