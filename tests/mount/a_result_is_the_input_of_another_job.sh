# What --transfer names in the mount itself comes from the state: an open(2) of it would make the daemon wait for itself.
# Everything else there is refused, and a directory that has the mount in it is sent without it.
echo x >file
first=$(submit "--job-name=first --transfer=$T/file --return=. sh -c 'mkdir d; echo back >d/f; ln -s d/f l; echo said; echo wrong >&2; seq 9000 >large'")
wait_for "$first"
large=$(submit 'seq 9000')
wait_for "$large"
array=$(submit '--array=1-2 sh -c "echo task $SLURM_ARRAY_TASK_ID"')
wait_for "$array"

# result LINE WANTED: in the mount, what the job says
result() {
	id=$(within 10000 submit "$1")
	wait_for "$id"
	expect "$(cat "$W/results/$id/stdout")" "$2"
}

# by an absolute path, whatever the name
result "--transfer=$W/results/$first/out/d/f cat f" back
result "--transfer=$W/results/first/out/d cat d/f" back
result "--transfer=$W/results/$first/stdout cat stdout" said
result "--transfer=$W/results/$first/./stderr cat stderr" wrong
result "--transfer=$W/results/$first/out cat out/l" back
result "--transfer=$W/results/first/out/l cat l" back
result "--transfer=$W/results/$large/stdout tail -n 1 stdout" 9000
result "--transfer=$W/results/$array/2/stdout cat stdout" 'task 2'
last=$(submit 'echo this')
wait_for "$last"
result "--transfer=$W/last/stdout cat stdout" this
# a name means what it meant when the line was written, though a younger job has it by now
named=$(submit "--job-name=first --begin=now+1 --transfer=$W/results/first/stdout cat stdout")
younger=$(submit "--job-name=first sh -c 'echo younger'")
wait_for "$younger"
wait_for "$named"
expect "$(cat "$W/results/$named/stdout")" said
first_again=$(submit "--job-name=first --transfer=$T/file --return=. sh -c 'mkdir d; echo back >d/f; ln -s d/f l; echo said'")
wait_for "$first_again"

# standing in it, from outside, through a link
cd "$W"
result "--transfer=results/$first/out/d/f,$T/file cat results/$first/out/d/f file" "$(printf 'back\nx')"
cd "$T"
ln -s "$W" link
result "--transfer=link/results/$first/out/d/f cat link/results/$first/out/d/f" back
ln -s "$W/results/first/out/d/f" there
result "--transfer=there cat there" back

refuse() {
	refused 'error writing' timeout -s KILL 60 dd if=line of="$W/jobs/new" status=none
	grep -q -F -e "$1" "$W/errors" || fail "errors: $(cat "$W/errors")"
}
refuse_path() {
	echo "--transfer=$1 true" >line
	refuse "$2"
}
refuse_path "$W/queue" 'queue: lies in this mount, of which only'
refuse_path "$W" 'lies in this mount'
refuse_path "link" 'lies in this mount'
refuse_path "$W/results/$first" 'lies in this mount'
refuse_path "$W/results/$first/out/none" 'out/none: No such file'
ln -s "$W/results/../../x" through
refuse_path through 'leads through this mount and out again'
refuse_path "$W/results/$array/stdout" 'is of a whole array'
grows=$(submit 'sleep 1000')
wait_state "$grows" RUNNING
refuse_path "$W/results/$grows/stdout" 'grows until its job is finished'
echo cancel >"$W/jobs/$grows/ctl"

# a directory that has the mount in it
mkdir above above/m
echo z >above/f
if [ "$(id -u)" = 0 ] && mount --bind "$W" above/m 2>/dev/null; then
	trap 'umount -l "$T/above/m"' EXIT
	result '--transfer=above sh -c "ls above; cat above/f"' "$(printf 'f\nz')"
	result "--transfer=above/m/results/first/stdout cat above/m/results/first/stdout" said
	refuse_path above/m/queue 'lies in this mount'
	mkdir part
	mount --bind "$W/results/$first/out" part
	trap 'umount -l "$T/above/m" "$T/part"' EXIT
	result '--transfer=part/d/f cat part/d/f' back
fi
