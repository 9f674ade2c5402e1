# Opening, emptying, touching and reading jobs/new is harmless.
# shells: bash dash zsh "busybox sh"
: >"$W/jobs/new"
: >>"$W/jobs/new"
touch "$W/jobs/new"
truncate -s 0 "$W/jobs/new"
truncate -s 100 "$W/jobs/new"
chmod 600 "$W/jobs/new"
cat "$W/jobs/new"
head -c1 "$W/jobs/new"
cp "$W/jobs/new" copy
printf '\n# a comment\n  \n' >"$W/jobs/new"
expect "$(count)" 0
