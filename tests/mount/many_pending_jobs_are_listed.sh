# ls -l of a long queue asks for each job's attributes once: 20,000 in a fifth of a second, not in more than one.
# alone: yes
echo drain >"$W/nodes/local/ctl"
yes true | head -20000 >"$W/jobs/new"
usually_within 900 ls -l "$W/jobs" >/dev/null
expect "$(ls -l "$W/jobs" | grep -c ' 1[0-9]*$')" 20000
