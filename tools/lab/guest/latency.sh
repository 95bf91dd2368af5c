# An I2C bus at 100 kHz under full load must not slow down two other ports.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh

load_i2c khz=100
load_i3c i3c-mctp
far_i2c a
far_i2c b
far_serial
far_i3c
near a queue
near b mixed
start_router a:queue b:mixed serial:tty i3c:i3c-mctp

# series: the median, in microseconds, of what a message took in each of 41 exchanges of 10, from the
# serial line to I3C and back.
series() {
  n=0
  while [ $n -lt 41 ]; do
    request serial i3c 4 10 timeout 5000 || echo 999999999
    awk '{ for (i = 1; i < NF; i++) { if ($i == "seconds") s = $(i + 1); if ($i == "good") g = $(i + 1) } printf "%d\n", g ? s * 1e6 / g : 999999999 }' /tmp/result
    n=$((n + 1))
  done | sort -n | sed -n 21p
}
# Load that never ends: two peers, each with two messages of 1000 bytes under way.
load() {
  while exists /tmp/loading; do mctp-peer req 11 5 1000 20 net 1 window 2 timeout 20000; done >>/tmp/load 2>&1
}
series >/dev/null
quiet=$(series)
touch /tmp/loading
load &
load &
sleep 2
before=$(kernel mctpi2c3 rx_packets) since=$(cut -d ' ' -f 1 /proc/uptime)
loaded=$(series)
after=$(kernel mctpi2c3 rx_packets) until=$(cut -d ' ' -f 1 /proc/uptime)
rm /tmp/loading
again=$(series)
note "medians, microseconds: $quiet without load, $loaded with, $again after it"
# The machine that plays all this may be busy with other things: the slower of the two quiet series.
[ "$again" -le "$quiet" ] || quiet=$again
# 73 bytes of nine bits at 100 kHz are 6.6 ms. As many packets go the other way, and this bus lets both
# ends wait at once: up to 200 per cent.
busy=$(awk "BEGIN { printf \"%d\", 100 * 2 * ($after - $before) * 0.0066 / ($until - $since) }")
at_least 'bus b was busy, per cent of the time' "$busy" 50
at_most 'latency under load, not above twice the quiet one' "$loaded" $((2 * quiet))
ports
same 'dropped by the two ports' \
  "$(port serial counters.droppedIn) $(port serial counters.droppedOut) $(port i3c counters.droppedIn) $(port i3c counters.droppedOut)" '0 0 0 0'
stop_router
finish
