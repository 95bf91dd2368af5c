# Kernel endpoints on I2C and serial get their EIDs from the router: control-peer plays their side of the
# control protocol, because Linux has none of its own.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

uuid_of() { case $1 in a) echo 11111111-0000-4000-8000-00000000000a ;; b) echo 11111111-0000-4000-8000-00000000000b ;; esac; }
# What each link has before the router gives it another: nothing can be received or sent without.
first_eid() { case $1 in a) echo 201 ;; b) echo 202 ;; serial) echo 203 ;; esac; }
# far BUS: link, routes to all that the router may give, echo, control protocol.
far() {
  dev=$(far_link "$1")
  mctp-peer link "$dev" up net "$(net_of "$1")" mtu 68 || give_up "$dev"
  mctp-peer addr "$(first_eid "$1")" dev "$dev" || give_up "$dev"
  mctp-peer route 8-60 dev "$dev" || give_up "$dev"
  for eid in 8 20 21 22 23; do
    case $1 in a | b) mctp-peer neigh "$eid" dev "$dev" lladdr 11 || give_up "$dev" ;; esac
  done
  start_echo "$1"
  # shellcheck disable=SC2046  # none on serial
  control-peer "$dev" "$(net_of "$1")" "$(first_eid "$1")" $(uuid_of "$1") >"/tmp/control-$1" &
}

load_i2c
for bus in a b; do
  echo mctp-i2c-interface 0x101d >"/sys/bus/i2c/devices/i2c-$(far_adapter $bus)/new_device"
  wait_for 5 exists "/sys/class/net/$(far_link $bus)" || give_up "no $(far_link $bus)"
done
attach /dev/ttyS2 mctpserial0
for bus in a b serial; do far $bus; done
near a queue
near b mixed

cat >/tmp/topology.yaml <<TOP
version: 1
router: { name: lab, eid: 8, eid-ranges: [20-40] }
admin: { socket: /tmp/router.socket }
ports:
  - { name: a, bus: i2c, device: /dev/i2c-2, receive: slave-mqueue, address: 0x11, discovery: { addresses: [{ address: 0x1d, eid: 22 }], interval: 500 } }
  - { name: b, bus: i2c, device: /dev/i2c-4, receive: mctpi2c4, kernel-network: 22, address: 0x11, discovery: { scan: [0x1a-0x1f], interval: 500 } }
  - { name: serial, bus: serial, device: /dev/ttyS1, discovery: { interval: 500 } }
TOP
start() {
  mctp-router /tmp/topology.yaml --state-dir /tmp/state --log-level info >>/tmp/router.log 2>&1 </dev/null &
  router_pid=$!
  wait_for 30 answers || give_up "the router does not answer: $(tail -n 3 /tmp/router.log)"
  wait_for 20 three_up || give_up "not all three are up: $(router-ctl --socket /tmp/router.socket endpoints)"
}
# known: EID, port, UUID of each endpoint that is up, one a line.
known() {
  router-ctl --socket /tmp/router.socket --json endpoints 2>/dev/null | json_values | awk -F '\t' '
    { split($1, part, "."); value[part[2], part[3]] = $2; if (part[2] + 0 > most) most = part[2] + 0 }
    END { for (i = 0; i <= most; i++) if (value[i, "state"] == "up" && value[i, "source"] != "self") print value[i, "eid"], value[i, "port"], value[i, "uuid"] }' | sort
}
# shellcheck disable=SC2317,SC2329  # wait_for calls it
three_up() { [ "$(known | wc -l)" = 3 ]; }
eid_on() { known | awk -v port="$1" '$2 == port { print $1 }'; }

start
note "what the router gave: $(known | tr '\n' ';')"
same 'the EID that the topology fixes for a' "$(eid_on a)" 22
same 'the UUID that a told' "$(known | awk '$2 == "a" { print $3 }')" "$(uuid_of a)"
for bus in a b serial; do
  same "what the kernel's side of $bus has now" "$(tail -n 1 /tmp/control-$bus | sed 's/.*EID now //')" "$(eid_on $bus)"
done
known >/tmp/known

# talk FROM TO: messages between two far sides, by the EIDs that they were given.
talk() {
  if mctp-peer req "$(eid_on "$2")" 5 200 "$count" net "$(net_of "$1")" timeout 5000 >/tmp/result 2>&1; then
    good "$1 -> $2: $(cat /tmp/result)"
  else
    bad "$1 -> $2: $(cat /tmp/result)"
  fi
}
talk a b
talk b serial
talk serial a

note 'the router is killed and started again'
kill -KILL "$router_pid"
wait "$router_pid"
sets=$(cat /tmp/control-* | grep -c '^command 01')
start
same 'what it knows then' "$(known | tr '\n' ';')" "$(tr '\n' ';' </tmp/known)"
same 'Set Endpoint ID that were needed for that' "$(($(cat /tmp/control-* | grep -c '^command 01') - sets))" 0
talk a serial
stop_router
finish
