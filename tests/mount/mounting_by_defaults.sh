# Without state= it lives in XDG_STATE_HOME; mount(8) calls with a source in front; -f stays in front.
# mount: no
"$WULFS" -o discover=no "$W"
S=$XDG_STATE_HOME/wulfs
expect "$(cat "$W/nodes/local/slots")" "$(nproc)"
expect "$(stat -c %a "$S")" 700
leave
"$WULFS" wulfs "$W" -o rw,nosuid,nodev,discover=no,local=1
expect "$(cat "$W/nodes/local/slots")" 1
wait_for "$(submit true)"
leave
"$WULFS" -f -o discover=no "$W" &
wait_until is_mounted
wait_until "[ -e $W/README ]"
fusermount3 -u "$W"
wait $!
"$WULFS" -o discover=no,local=0 "$W"
id=$(submit true)
expect "$(cat "$W/jobs/$id/state")" PENDING
leave
