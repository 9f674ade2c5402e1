# examples/wordcount: what the pieces' jobs found adds up to what one pipeline finds.
example=$CASES/../../examples/wordcount/run
project=$CASES/../..

"$example" "$W" >said
cat "$project/README.md" "$project/LICENSE" | tr -cs A-Za-z '\n' | tr '[:upper:]' '[:lower:]' | sort | uniq -c |
	awk '$2 { print $1, $2 }' | sort -k 1,1rn -k 2 | head | diff - said
[ "$(count)" -ge 5 ] || fail "it took $(count) pieces only"

printf 'one two Two\nthree three\nthree' >text
expect "$("$example" "$W" text)" "$(printf '3 three\n2 two\n1 one')"
