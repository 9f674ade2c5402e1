# An option that is none, and a value that cannot be, in a sentence; -h and -V answer.
# mount: no
refused 'lots' "$WULFS" -o "state=$S,discover=no,local=lots" "$W"
refused 'bogus' "$WULFS" -o "state=$S,discover=no,bogus=1" "$W"
refused 'maybe' "$WULFS" -o "state=$S,discover=maybe" "$W"
refused . "$WULFS"
if is_mounted; then fail 'mounted all the same'; fi
"$WULFS" -V | grep -q wulfs
"$WULFS" -h | grep -q state=
