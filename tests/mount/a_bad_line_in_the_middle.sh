# Lines before a bad one are jobs, once each; none after it is. The tool that wrote them reports it.
half=$(part 2500)
{ seq $half | sed 's/^/-H echo /'; echo '--bogus true'; seq $half | sed 's/^/-H echo after /'; } >lines
seq $half | sed 's/^/-H echo /' >good
already=0
for tool in "cat lines >$W/jobs/new" "cp lines $W/jobs/new" "dd if=lines of=$W/jobs/new bs=4M status=none" \
	"tee $W/jobs/new <lines >/dev/null"; do
	refused 'Invalid argument' sh -c "$tool"
	expect "$(count)" $((already + half))
	find "$W/jobs" -path '*/1*/spec' | sort | tail -n $half | xargs cat | diff -q good -
	already=$((already + half))
done
