# Two legs of one I2C mux, with a device of the same address on each: answers come to the root
# adapter, and only while the mux still has the leg selected. Two requesters at the far end of the
# serial line keep both legs busy at once.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

insmod /modules/i2c-vbus.ko buses=1 ports=3 mux=1 || give_up 'the virtual I2C bus'
if ! exists /sys/module/i2c_vbus/parameters/mux; then
  note "skipped: this image's i2c-vbus has no mux (tools/lab/build-image makes one that has)"
  exit 0
fi
# Adapter 1 is the root, 2 and 3 are the segments behind the mux, 4 and 5 its channels.
wait_for 5 exists /sys/bus/i2c/devices/i2c-5 || give_up 'no channels'
insmod /modules/slave-mqueue.ko
echo slave-mqueue 0x1011 >/sys/bus/i2c/devices/i2c-1/new_device
wait_for 5 exists /sys/bus/i2c/devices/1-1011/slave-mqueue || give_up 'no queue'
for leg in 0 1; do
  link=mctpi2c$((2 + leg)) eid=$((10 + leg)) net=$((1 + leg))
  echo mctp-i2c-interface 0x101d >/sys/bus/i2c/devices/i2c-$((2 + leg))/new_device
  wait_for 5 exists /sys/class/net/$link || give_up "no $link"
  mctp-peer link $link up net $net mtu 68
  mctp-peer addr $eid dev $link
  mctp-peer route 12 dev $link
  mctp-peer neigh 12 dev $link lladdr 11
  mctp-peer echo 5 net $net &
done
far_serial

cat >/tmp/topology.yaml <<TOP
version: 1
router: { name: lab, eid: 8 }
admin: { socket: /tmp/router.socket }
ports:
  - { name: leg-0, bus: i2c, role: peer, address: 0x11, device: /dev/i2c-4, receive: slave-mqueue }
  - { name: leg-1, bus: i2c, role: peer, address: 0x11, device: /dev/i2c-5, receive: slave-mqueue }
  - { name: serial, bus: serial, role: peer, device: /dev/ttyS1 }
routes:
  - { eids: 10, port: leg-0, address: 0x1d }
  - { eids: 11, port: leg-1, address: 0x1d }
  - { eids: 12, port: serial }
TOP
run_router
for name in leg-0 leg-1 serial; do wait_for 15 is_up $name || give_up "port $name is not up: $(port $name stateReason)"; done

for size in 4 65 1000; do
  mctp-peer req 10 5 "$size" "$count" net 3 timeout 10000 >/tmp/leg-0 2>&1 &
  other=$!
  mctp-peer req 11 5 "$size" "$count" net 3 timeout 10000 >/tmp/leg-1 2>&1
  wait $other
  for name in leg-0 leg-1; do
    case $(cat /tmp/$name) in
      "sent $count good $count bad 0 lost 0 "*) good "serial -> $name: $(cat /tmp/$name)" ;;
      *) bad "serial -> $name: $(cat /tmp/$name)" ;;
    esac
  done
done
ports
for name in leg-0 leg-1; do
  same "$name: dropped in and out, damaged" "$(port $name counters.droppedIn) $(port $name counters.droppedOut) $(port $name counters.damagedFrames)" '0 0 0'
  at_least "$name: turns that it had" "$(link_counter $name mux-turns)" "$count"
  at_least "$name: exchanges that were answered in their turn" "$(link_counter $name mux-answered)" "$count"
  note "$name: hold $(link_counter $name mux-hold-ms) ms, longest $(link_counter $name mux-hold-max-ms); longest wait $(link_counter $name mux-wait-max-ms) ms; expired $(link_counter $name mux-expired), starved $(link_counter $name mux-starved), guessed $(link_counter $name mux-guessed)"
done
stop_router
finish
