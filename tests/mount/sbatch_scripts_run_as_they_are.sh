# Scripts as people have them for sbatch: each tests/sbatch/NAME.sbatch is copied to jobs/new as it is, from a
# directory of its own. What is to come of it stands in the script, in comments from the first column:
#
#	# given: FILE: LINE     the next line of a file in that directory
#	# refused: SENTENCE     it is not accepted, and that is why
#	# ends: STATE           how it ends, if not COMPLETED
#	# expect: LINE          the next line of its stdout; %j stands for its id
#	# when: LINE: VERB      once its stdout has LINE, VERB is written to its ctl
# timeout: 120

scripts=$CASES/../sbatch

# says NAME WORD: the values of its comments of that word
says() { tr -d '\r' <"$scripts/$1.sbatch" | sed -n "s/^# $2: //p"; }

enter_directory() {
	mkdir -p "$T/$1/logs"
	cd "$T/$1"
	says "$1" given | while read -r file line; do printf '%s\n' "$line" >>"${file%:}"; done
}

is_refused() {
	if cp "$scripts/$1.sbatch" "$W/jobs/new" 2>"$T/said"; then fail "$1.sbatch was accepted"; fi
	grep -q 'Invalid argument' "$T/said" || fail "$1.sbatch: $(cat "$T/said")"
	grep -v '^ ' "$W/errors" | tail -n 1 | grep -qF -e "$(says "$1" refused)" || fail "$1.sbatch: $(tail -n 4 "$W/errors")"
}

# It runs while the others are sent after it. One with an option that this version does not have is for later.
is_accepted() {
	if cp "$scripts/$1.sbatch" "$W/jobs/new"; then basename "$(readlink "$W/last")" >"$T/$1.id"
	elif ! tail -n 4 "$W/errors" | grep 'not supported by this version'; then fail "$1.sbatch: $(tail -n 4 "$W/errors")"
	fi
}

is_steered() {
	says "$1" when | while IFS=: read -r line verb; do
		wait_until "grep -qx '$line' '$W/results/$2/stdout'"
		tell "$W/jobs/$2/ctl" "${verb# }"
	done
}

ends_as_it_says() {
	state=$(says "$1" ends)
	cat "$W/jobs/$2/wait"
	[ "$(cat "$W/jobs/$2/state")" = "${state:-COMPLETED}" ] ||
		fail "$1.sbatch is $(cat "$W/jobs/$2/state") $(cat "$W/jobs/$2/reason"): $(cat "$W/results/$2/stderr")"
	says "$1" expect | sed "s/%j/$2/g" | diff -u - "$W/results/$2/stdout" || fail "$1.sbatch says something else"
}

for script in "$scripts"/*.sbatch; do
	name=$(basename "$script" .sbatch)
	enter_directory "$name"
	if ! command -v srun && grep -q srun "$script"; then continue; fi     # jobs have none yet
	if [ "$(says "$name" refused)" ]; then is_refused "$name"; else is_accepted "$name"; fi
done
for id in "$T"/*.id; do
	name=$(basename "$id" .id)
	is_steered "$name" "$(cat "$id")"
	ends_as_it_says "$name" "$(cat "$id")"
done
