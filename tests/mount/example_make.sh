# examples/make: a project is built and checked through the mount, by make -j and a shell that submits.
# options: local=4
cp -r "$CASES/../../examples/make" project

project/run "$W" >said
grep -qx 'sums is right' said
expect "$(echo '2 * (3 + 4)' | project/calc/calc)" 14
built=$(count)
[ "$built" -ge 8 ] || fail "only $built commands were jobs"
project/run "$W" >said
expect "$(count)" "$built"                      # nothing to be done

# What goes wrong in a job goes wrong in make: its complaints, its exit code.
sed -i 's/value \*= factor/value *= vector/' project/calc/parse.c
refused 'vector' project/run "$W"
refused 'Error 1' project/run "$W"
sed -i 's/value \*= vector/value += factor/' project/calc/parse.c
if project/run "$W" >said 2>&1; then fail 'a wrong calculator passed'; fi
grep -qx '+6' said
grep -q 'sums.checked.* Error 1' said

# The shell: variables, directory, output as it comes, exit code; quotes and lines are left alone.
export WULFS="$W" COLOUR="it's green"
shell=$PWD/project/wulfs-sh
expect "$("$shell" -c 'echo "$COLOUR"
pwd')" "$(printf "it's green\n%s" "$PWD")"
code=0
"$shell" -c 'echo wrong >&2; exit 7' 2>said || code=$?
expect "$code $(cat said)" '7 wrong'
"$shell" -c 'echo begun; sleep 600' >said &
wait_until 'grep -q begun said'
kill -TERM $!                                   # interrupted, it cancels its job
code=0
wait $! || code=$?
expect "$code $(cat "$W/jobs/last/state")" '143 CANCELLED'
