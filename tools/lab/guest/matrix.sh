# Every pair of buses exchanges messages through the router.
#   pairs   what to exchange between, as FROM:TO   ports   the router's ports, as BUS:KIND
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}" "${ports:?}" "${pairs:?}"

load_i2c
for word in $ports; do
  case $word in i3c:*) load_i3c "${word#*:}" ;; esac
done
far_i2c a
far_i2c b
far_serial
far_i3c
for word in $ports; do near "${word%:*}" "${word#*:}"; done
# shellcheck disable=SC2086  # a list
start_router $ports

for pair in $pairs; do
  for size in 4 64 65 1000; do perfect "${pair%:*}" "${pair#*:}" "$size" "$count"; done
done
counts_agree a b serial i3c
stop_router
for word in $ports; do
  case $word in
    ?:created) same "bus ${word%:*}: the queue that the router made is gone" "$(ls "/sys/bus/i2c/devices/$(near_adapter "${word%:*}")-1011" 2>/dev/null)" '' ;;
  esac
done
finish
