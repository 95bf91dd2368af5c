# One bit of every tenth transfer is inverted, in both directions of every bus that can do that.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${damaged_count:?}"

# Injected, per bus: floor(transfers / 10), because every transfer here reaches somebody, and the bus
# counts them all since it was loaded.
#   I2C   transfers = what the router sent (packetsOut) + what the far kernel sent (tx_packets)
#   I3C   transfers = what the kernel's mctpi3c0 wrote (tx_packets) + what i3c-target sent, for each
#         interrupt is answered by one read. A bus that polls makes reads that find nothing, so I3C is
#         a kernel link here; i3c-mctp drops damaged packets without counting them anywhere.
# Found: damaged frames that the router counted, rx_crc_errors of the kernel's drivers and bad PECs of
# i3c-target. The serial cable has no faults to switch on.
# No message has more than four packets: Linux' reassembly passes over a packet with a wrong sequence
# number and goes on with the next one that fits, so that of a longer message in which one packet
# was lost it delivers what is left when the two bits of the number come round.
# A message that loses a packet is lost; the peer then waits for its time-out, which is not shorter
# because eight tags for six seconds is what the kernel has for it.
load_i2c corrupt_every=10
load_i3c link corrupt_every=10
far_i2c a
far_i2c b
far_serial
far_i3c
near a queue
near b mixed
start_router a:queue b:mixed serial:tty i3c:link

# exchange FROM TO SIZE COUNT: its results, a line or more, in a file of its own.
#
# Packets carry no message number, and Linux keeps an unfinished message until its tag comes again. Two
# requests with one tag, the first without its last packet, the second without its first, are one whole
# message to it, with every PEC right (seen between two kernels, without a router). So what takes
# several packets goes to an echo that has heard nothing before. i3c-target assembles nothing, and an
# answer is assembled for its own request only.
exchange() {
  results=/tmp/damaged-$1-$2-$3
  if [ "$3" -le 63 ] || [ "$2" = i3c ]; then
    timeout 300 mctp-peer req "$(eid_of "$2")" 5 "$3" "$4" net "$(net_of "$1")" timeout 900 >"$results" 2>&1
    return
  fi
  n=0
  while [ $n -lt "$4" ]; do
    renew_echo "$2"
    timeout 300 mctp-peer req "$(eid_of "$2")" 5 "$3" 1 net "$(net_of "$1")" timeout 900 >>"$results" 2>&1
    n=$((n + 1))
  done
}
# renew_echo BUS: the echo's socket takes what is unfinished with it.
renew_echo() {
  echo_pid=$(cat "/tmp/echo-$1")
  kill "$echo_pid"
  wait_for 5 absent "/proc/$echo_pid/cmdline" || give_up "the echo of $1 does not end"
  start_echo "$1"
}
# Together, because they wait most of the time, and each pair to a far side of its own; the long messages
# one after the other.
for pair in a:b a:serial b:i3c serial:i3c; do
  {
    exchange "${pair%:*}" "${pair#*:}" 4 "$damaged_count"
    exchange "${pair%:*}" "${pair#*:}" 65 $((damaged_count / 2))
  } &
  eval "waiting_${pair%:*}_${pair#*:}=$!"
done
# shellcheck disable=SC2154  # set by eval
wait "$waiting_a_b" "$waiting_a_serial" "$waiting_b_i3c" "$waiting_serial_i3c"
for pair in a:b serial:i3c; do exchange "${pair%:*}" "${pair#*:}" 250 5; done
lost_in_all=0
for file in /tmp/damaged-*; do
  awk '{ for (i = 1; i < NF; i++) n[$i] += $(i + 1) } END { print "sent", n["sent"], "good", n["good"], "bad", n["bad"], "lost", n["lost"] }' "$file" >/tmp/result
  same "${file#/tmp/damaged-} bytes: bad" "$(result bad)" 0
  same "${file#/tmp/damaged-} bytes: good + lost ($(result good) + $(result lost)) = sent" \
    "$(($(result good) + $(result lost)))" "$(result sent)"
  lost_in_all=$((lost_in_all + $(result lost)))
done
at_least 'messages lost: the faults were there' "$lost_in_all" 1

sleep 1
ports
for bus in a b; do
  transfers=$(($(port $bus counters.packetsOut) + $(kernel "$(far_link $bus)" tx_packets)))
  here=$(port $bus counters.damagedFrames)
  # Bus b is received through a kernel link: its driver sees bad PECs before the router does.
  [ $bus = a ] || here=$((here + $(kernel "$(near_link $bus)" rx_crc_errors)))
  there=$(kernel "$(far_link $bus)" rx_crc_errors)
  same "$bus: found here + there ($here + $there) = every tenth of $transfers transfers" $((here + there)) $((transfers / 10))
  at_least "$bus: found here" "$here" 1
  at_least "$bus: found there" "$there" 1
done
target_counts
transfers=$(($(kernel mctpi3c0 tx_packets) + $(target sent)))
here=$(kernel mctpi3c0 rx_crc_errors) there=$(target bad_pec)
same "i3c: found here + there ($here + $there) = every tenth of $transfers transfers" $((here + there)) $((transfers / 10))
at_least 'i3c: found here' "$here" 1
at_least 'i3c: found there' "$there" 1
if [ -e /sys/module/i2c_vbus/parameters/corruptions ]; then
  same 'I2C: the injector says the same' "$(fault i2c corruptions)" \
    $((($(port a counters.packetsOut) + $(kernel mctpi2c1 tx_packets)) / 10 + ($(port b counters.packetsOut) + $(kernel mctpi2c3 tx_packets)) / 10))
  same 'I3C: the injector says the same' "$(fault i3c corruptions)" $((transfers / 10))
fi
same 'i3c-target: packets that it had no room for' "$(target lost)" 0
stop_router
finish
