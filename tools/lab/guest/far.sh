# The far sides by themselves, without a router: what the other cases take for granted.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

# Both kernel drivers on one wire of I2C, both ends of the serial cable, and the I3C bus's own kernel
# driver towards i3c-target, each end in a network of its own.
load_i2c
far_i2c a
near a link
mctp-peer link mctpi2c2 up net 21 mtu 68
mctp-peer addr 40 dev mctpi2c2
mctp-peer route 10 dev mctpi2c2
mctp-peer neigh 10 dev mctpi2c2 lladdr 1d
mctp-peer route 40 dev mctpi2c1
mctp-peer neigh 40 dev mctpi2c1 lladdr 11

far_serial
near serial link
mctp-peer link mctpserial1 up net 23
mctp-peer addr 41 dev mctpserial1
mctp-peer route 12 dev mctpserial1
mctp-peer route 41 dev mctpserial0

load_i3c link
far_i3c
mctp-peer link mctpi3c0 up net 24 mtu 68
mctp-peer addr 42 dev mctpi3c0
mctp-peer route 13 dev mctpi3c0
mctp-peer neigh 13 dev mctpi3c0 lladdr "$i3c_pid_0"

# over WHAT EID NET: 1000 bytes are 16 packets each way, more than a driver queues at once.
over() {
  for size in 4 64 65 1000; do
    result=$(timeout 60 mctp-peer req "$2" 5 "$size" "$count" net "$3" timeout 10000 2>&1)
    case $result in
      "sent $count good $count bad 0 lost 0 "*) good "$1: $result" ;;
      *) bad "$1: $result" ;;
    esac
  done
}
over 'I2C, kernel to kernel' 10 21
over 'serial cable, kernel to kernel' 12 23
over 'I3C, kernel to i3c-target' 13 24

target_counts
same 'I3C: sent by the kernel = received by i3c-target' "$(kernel mctpi3c0 tx_packets)" "$(target received)"
same 'I3C: sent by i3c-target = received by the kernel' "$(target sent)" "$(kernel mctpi3c0 rx_packets)"
same 'I3C: bad PECs, on both sides' "$(target bad_pec) $(kernel mctpi3c0 rx_crc_errors)" '0 0'

# The faults are where they are said to be. Every tenth transfer, counted over both directions.
before=$(($(kernel mctpi3c0 tx_packets) + $(kernel mctpi3c0 rx_packets)))
fault i3c corrupt_every 10
for _ in 1 2 3 4 5; do mctp-peer req 13 5 4 7 net 24 timeout 300 window 7 >/dev/null 2>&1; done
fault i3c corrupt_every 0
target_counts
after=$(($(kernel mctpi3c0 tx_packets) + $(kernel mctpi3c0 rx_packets) + $(kernel mctpi3c0 rx_crc_errors)))
same 'I3C: bad PECs found = every tenth transfer' \
  $(($(target bad_pec) + $(kernel mctpi3c0 rx_crc_errors))) $((after / 10 - before / 10))

before=$(($(kernel mctpi2c1 tx_packets) + $(kernel mctpi2c2 tx_packets)))
fault i2c corrupt_every 10
for _ in 1 2 3 4 5; do mctp-peer req 10 5 4 7 net 21 timeout 300 window 7 >/dev/null 2>&1; done
fault i2c corrupt_every 0
after=$(($(kernel mctpi2c1 tx_packets) + $(kernel mctpi2c2 tx_packets)))
same 'I2C: bad PECs found = every tenth transfer' \
  $(($(kernel mctpi2c1 rx_crc_errors) + $(kernel mctpi2c2 rx_crc_errors))) $((after / 10 - before / 10))

finish
