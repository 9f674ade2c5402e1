# examples/chain: prepare, an array that waits for it, and a merge that waits for the whole array.
"$CASES/../../examples/chain/run" "$W" >said
expect "$(cat said)" '200000 numbers, sorted in pieces and merged'
expect "$(count)" 3
ended() { for step; do cat "$W/jobs/$step/ended"; done; }
ended prepare sort merge | sort -nc

# If the first step fails, the others never start, and it is said which it was.
sed 's/seq .* piece\./echo no numbers today >\&2; exit 5/' "$CASES/../../examples/chain/run" >run
if sh run "$W" 2>said; then fail 'a chain without a beginning'; fi
expect "$(cat said)" "$(printf 'prepare: FAILED\nno numbers today\nsort: CANCELLED\nmerge: CANCELLED')"
