# Runs in the guest (busybox sh): two kernel MCTP links, each in a network of its own, so that the
# only way from one to the other leads out of the guest and through the router.
#
#   /lab.env      REQUESTER_TTY ECHO_TTY SYNC REQUESTER_EID ECHO_EID COUNT SIZES WINDOWS TIMEOUT_MS
#   $SYNC         a line for talking with tools/lab/run: READY out, then one line in; DONE out, one in
#   the console   one line a run (`RUN size 64 window 4: sent 200 good 200 ...`), then the kernel's own
#                 counts (`STATISTICS requester rx_packets 12`)
#
# Ends at the first run that is not perfect: against a receiver that hears nothing each message would
# otherwise wait for its time-out.
# shellcheck source=/dev/null
. /lab.env

# attach TTY DEVICE: `mctp-peer serial` makes the terminal raw first, then a link of it.
attach() {
  mctp-peer serial "$1" &
  tries=0
  until [ -e "/sys/class/net/$2" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "no $2 out of $1"; exit 1; }
    sleep 0.1
  done
}
# In this order: the kernel numbers the links as they come.
attach "$REQUESTER_TTY" mctpserial0
attach "$ECHO_TTY" mctpserial1

set -e
mctp-peer link mctpserial0 up net 1
mctp-peer link mctpserial1 up net 2
mctp-peer addr "$REQUESTER_EID" dev mctpserial0
mctp-peer addr "$ECHO_EID" dev mctpserial1
mctp-peer route "$ECHO_EID" dev mctpserial0
mctp-peer route "$REQUESTER_EID" dev mctpserial1
# Type 5 is what the peer answers; the router does not look at it.
mctp-peer echo 5 net 2 &
set +e

# Opened before it is made raw: a terminal that nobody has open forgets its settings.
exec 3<>"$SYNC"
stty raw -echo <&3
echo READY >&3
read -r _ <&3

status=0
for window in $WINDOWS; do
  for size in $SIZES; do
    [ "$status" = 0 ] || break
    result=$(mctp-peer req "$ECHO_EID" 5 "$size" "$COUNT" net 1 window "$window" timeout "$TIMEOUT_MS" 2>&1) || status=1
    echo "RUN size $size window $window: $result"
  done
done

# The kernel counts a packet after it has handed on its last byte.
sleep 0.2
for pair in requester:mctpserial0 echo:mctpserial1; do
  for file in "/sys/class/net/${pair#*:}/statistics"/*; do
    value=$(cat "$file")
    case ${file##*/}/$value in
      rx_packets/* | tx_packets/*) ;;
      */0) continue ;;
    esac
    echo "STATISTICS ${pair%:*} ${file##*/} $value"
  done
done >/tmp/statistics
cat /tmp/statistics
cat /tmp/statistics >&3
echo DONE >&3
read -r _ <&3
exit "$status"
