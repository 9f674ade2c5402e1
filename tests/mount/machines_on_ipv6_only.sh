# A host that has nothing but IPv6, be it but the address that every interface has, is found and used.
# mount: no
. "$CASES/mdns.sh"
# Its server listens on every address there is.
make_server alpha
within_net alpha ip address flush dev eth0 scope global
within_net hub ip address flush dev bridge scope global
sed -i 's/^ListenAddress .*/ListenAddress ::/' "$N/alpha/sshd_config"
wait_until 'within_net alpha ip -6 address show dev eth0 scope link | grep -v tentative | grep -q fe80'
start_server alpha
know_announced alpha
announce alpha
mount_again
wait_node alpha IDLE
grep -q '^fe80::.*%bridge$' "$W/nodes/alpha/address"
id=$(submit 'echo $NODE')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" alpha
# One that works from anywhere is better.
within_net hub ip address add fd77::1/64 dev bridge nodad
withdraw alpha
wait_listed ''
within_net alpha ip address add fd77::2/64 dev eth0 nodad
announce alpha
wait_node alpha IDLE
wait_until "grep -q '^fd77::2$' $W/nodes/alpha/address"
