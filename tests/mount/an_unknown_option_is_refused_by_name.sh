# A line that is not understood fails its write; "errors" names the word and points at it. Nothing is left.
# shells: bash dash
if echo '--bogus x' >"$W/jobs/new"; then fail 'accepted'; fi
expect "$(count)" 0
grep -q -e '--bogus' "$W/errors"
grep -q '^ *\^\^*$' "$W/errors"
grep -q 'jobs/new' "$W/errors"

echo true >"$W/jobs/new"
expect "$(ls "$W/results")" 10000001
