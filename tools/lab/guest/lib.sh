# What the cases in this folder share. Busybox sh sources it in the guest, where it is /lab/lib.sh;
# /lab/env and /lab/json.sh are beside it, put there by tools/lab/buses.
#
# The guest has two virtual I2C buses (a and b), a serial cable and a virtual I3C bus. Each has a near
# side, which the router under test owns, and a far side that it knows nothing of:
#
#   bus      near                                far                          EID  network
#   a        /dev/i2c-2, address 0x11            mctpi2c1, address 0x1d       10   1
#   b        /dev/i2c-4, address 0x11            mctpi2c3, address 0x1d       11   2
#   serial   /dev/ttyS1                          mctpserial0 on /dev/ttyS2    12   3
#   i3c      /dev/i3c-mctp-0, ... or mctpi3c0    i3c-target on target 0       13   none
#
# The far kernel links are each in a network of the kernel's own: the only way from one to another is
# through the router, whose EID is 8. mctp-peer echoes on them; i3c-target does on the I3C bus, where
# Linux has no target side. Near kernel links are put into networks 21 to 24 by the router.
#
# A case ends with `finish`. Every line that the runner shows starts with `ok`, `NOT` or `--`.
# shellcheck shell=dash
# shellcheck source=/dev/null
. /lab/env
# shellcheck source=/dev/null
. /lab/json.sh

export NO_COLOR=1
failures=0
router_pid=''
target_pid=''
i3c_pid_0=02ae00000000

note() { echo "-- $*"; }
good() { echo "ok $*"; }
bad() {
  echo "NOT $*"
  failures=$((failures + 1))
}
# same WHAT LEFT RIGHT: equal, as text.
same() { if [ "$2" = "$3" ]; then good "$1: $2"; else bad "$1: $2 is not $3"; fi; }
# at_least WHAT VALUE LEAST, at_most WHAT VALUE MOST: whole numbers.
at_least() { if [ "${2:-0}" -ge "$3" ] 2>/dev/null; then good "$1: $2"; else bad "$1: $2 is less than $3"; fi; }
at_most() { if [ "${2:-none}" -le "$3" ] 2>/dev/null; then good "$1: $2"; else bad "$1: $2 is more than $3"; fi; }
# give_up WHAT: nothing after this would mean anything.
give_up() {
  bad "$*"
  finish
}
# finish: the guest's last words. A failure is told with what the router had to say.
finish() {
  if [ "$failures" != 0 ]; then
    echo "---- router-ctl ports and drops"
    router-ctl --socket /tmp/router.socket ports 2>&1
    router-ctl --socket /tmp/router.socket drops 2>&1
    echo "---- what the router said"
    tail -n 60 /tmp/router.log 2>/dev/null
    echo "---- what the kernel said"
    dmesg 2>/dev/null | tail -n 20
  fi
  [ "$failures" = 0 ]
  exit
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds; status 1 after SECONDS.
wait_for() {
  tries=$(($1 * 10))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}
exists() { [ -e "$1" ]; }
absent() { [ ! -e "$1" ]; }

# ---- the far sides --------------------------------------------------------------------------

eid_of() { case $1 in a) echo 10 ;; b) echo 11 ;; serial) echo 12 ;; i3c) echo 13 ;; esac; }
net_of() { case $1 in a) echo 1 ;; b) echo 2 ;; serial) echo 3 ;; esac; }
far_link() { case $1 in a) echo mctpi2c1 ;; b) echo mctpi2c3 ;; serial) echo mctpserial0 ;; esac; }
far_adapter() { case $1 in a) echo 1 ;; b) echo 3 ;; esac; }
near_adapter() { case $1 in a) echo 2 ;; b) echo 4 ;; esac; }
near_link() { case $1 in a) echo mctpi2c2 ;; b) echo mctpi2c4 ;; serial) echo mctpserial1 ;; i3c) echo mctpi3c0 ;; esac; }
near_net() { case $1 in a) echo 21 ;; b) echo 22 ;; serial) echo 23 ;; i3c) echo 24 ;; esac; }

# load_i2c [PARAMETER=VALUE]...: the buses; fault_ports=2 means our side of each.
# shellcheck disable=SC2120  # most cases want no fault at the start
load_i2c() {
  insmod /modules/i2c-vbus.ko buses=2 ports=2 "$@" || give_up 'the virtual I2C buses'
  wait_for 5 exists /sys/bus/i2c/devices/i2c-4 || give_up 'the virtual I2C adapters'
}

# configure_far BUS: link up, address, and routes to everybody else through the router.
configure_far() {
  dev=$(far_link "$1")
  mctp-peer link "$dev" up net "$(net_of "$1")" mtu 68 || give_up "$dev"
  mctp-peer addr "$(eid_of "$1")" dev "$dev" || give_up "$dev"
  for eid in 8 10 11 12 13; do
    [ "$eid" != "$(eid_of "$1")" ] || continue
    mctp-peer route "$eid" dev "$dev" || give_up "$dev"
    case $1 in a | b) mctp-peer neigh "$eid" dev "$dev" lladdr 11 || give_up "$dev" ;; esac
  done
}
# start_echo BUS: its process ID goes to /tmp/echo-BUS. It has nothing to wait for but messages.
start_echo() {
  mctp-peer echo 5 net "$(net_of "$1")" &
  echo $! >"/tmp/echo-$1"
  wait_for 5 listens $! || give_up "the echo of $1 does not start"
}
listens() { grep -q '^mctp-peer$' "/proc/$1/comm" && grep -q '^State:[[:space:]]*S' "/proc/$1/status"; }

# far_i2c BUS: the kernel's own driver at the far side.
far_i2c() {
  echo mctp-i2c-interface 0x101d >"/sys/bus/i2c/devices/i2c-$(far_adapter "$1")/new_device"
  wait_for 5 exists "/sys/class/net/$(far_link "$1")" || give_up "no $(far_link "$1")"
  configure_far "$1"
  start_echo "$1"
}

# attach TTY LINK: `mctp-peer serial` makes the terminal raw first, then a link of it. The kernel
# numbers the links as they come: the far one has to be first.
attach() {
  mctp-peer serial "$1" &
  wait_for 30 exists "/sys/class/net/$2" || give_up "no $2 out of $1"
}
far_serial() {
  attach /dev/ttyS2 mctpserial0
  configure_far serial
  start_echo serial
}

# load_i3c KIND [PARAMETER=VALUE]...: the bus with what KIND of near side asks for: i3c-mctp, i3cdev
# or link.
load_i3c() {
  kind=$1
  shift
  case $kind in
    link) insmod /modules/i3c-vbus.ko "$@" ;;
    i3c-mctp) insmod /modules/i3c-vbus.ko mctp_controller=0 "$@" && insmod /modules/i3c-user.ko abi=mctp ;;
    i3cdev) insmod /modules/i3c-vbus.ko mctp_controller=0 "$@" && insmod /modules/i3c-user.ko abi=dev ;;
  esac || give_up 'the virtual I3C bus'
  wait_for 5 exists "$(i3c_node "$kind")" || give_up "no $(i3c_node "$kind")"
}
i3c_node() {
  case $1 in
    link) echo /sys/class/net/mctpi3c0 ;;
    i3c-mctp) echo /dev/i3c-mctp-0 ;;
    i3cdev) echo /dev/bus/i3c/0-2ae00000000 ;;
  esac
}
far_i3c() {
  i3c-target /dev/i3c-vbus-target0 9 13 >/tmp/target.log &
  target_pid=$!
}
# target_counts: makes the target tell; afterwards `target NAME` is one of its counters.
target_counts() {
  lines=$(wc -l </tmp/target.log)
  kill -USR1 "$target_pid"
  wait_for 5 target_told || give_up 'i3c-target does not answer'
}
target_told() { [ "$(wc -l </tmp/target.log)" -gt "$lines" ]; }
target() { tail -n 1 /tmp/target.log | awk -v name="$1" '{ for (i = 1; i < NF; i++) if ($i == name) print $(i + 1) }'; }

# kernel LINK NAME: what the kernel counted.
kernel() { cat "/sys/class/net/$1/statistics/$2" 2>/dev/null || echo none; }
# fault i2c|i3c NAME [VALUE]: a parameter of the virtual bus, read or set.
fault() {
  file=/sys/module/$1_vbus/parameters/$2
  if [ $# = 2 ]; then cat "$file" 2>/dev/null; else echo "$3" >"$file"; fi
}

# ---- the near sides and the router ----------------------------------------------------------

# near BUS KIND: what the port needs before the router starts.
near() {
  case $1:$2 in
    ?:queue)
      exists /sys/module/slave_mqueue || insmod /modules/slave-mqueue.ko
      make_queue "$1"
      wait_for 5 exists "/sys/bus/i2c/devices/$(near_adapter "$1")-1011/slave-mqueue" || give_up "no queue on bus $1"
      ;;
    ?:created) exists /sys/module/slave_mqueue || insmod /modules/slave-mqueue.ko ;;
    ?:link | ?:mixed)
      make_link "$1"
      wait_for 5 exists "/sys/class/net/$(near_link "$1")" || give_up "no $(near_link "$1")"
      ;;
    serial:link) attach /dev/ttyS1 mctpserial1 ;;
  esac
}
make_queue() { echo slave-mqueue 0x1011 >"/sys/bus/i2c/devices/i2c-$(near_adapter "$1")/new_device"; }
make_link() { echo mctp-i2c-interface 0x1011 >"/sys/bus/i2c/devices/i2c-$(near_adapter "$1")/new_device"; }
# take_away BUS: what make_queue or make_link made.
take_away() { echo 0x1011 >"/sys/bus/i2c/devices/i2c-$(near_adapter "$1")/delete_device"; }

# topology BUS:KIND...: the router's topology on standard output.
topology() {
  cat <<TOP
version: 1
router: { name: lab, eid: 8 }
admin: { socket: /tmp/router.socket }
ports:
TOP
  for word in "$@"; do
    bus=${word%:*} kind=${word#*:}
    case $bus in a | b) medium=i2c ;; *) medium=$bus ;; esac
    printf '  - name: %s\n    bus: %s\n    role: peer\n' "$bus" "$medium"
    case $medium in i2c) echo '    address: 0x11' ;; esac
    case $medium:$kind in
      i2c:queue) printf '    device: /dev/i2c-%s\n    receive: slave-mqueue\n' "$(near_adapter "$bus")" ;;
      i2c:created) printf '    device: /dev/i2c-%s\n    receive: slave-mqueue\n    create-queue: true\n' "$(near_adapter "$bus")" ;;
      i2c:mixed) printf '    device: /dev/i2c-%s\n    receive: %s\n' "$(near_adapter "$bus")" "$(near_link "$bus")" ;;
      serial:tty) echo '    device: /dev/ttyS1' ;;
      i3c:i3c-mctp | i3c:i3cdev)
        printf '    device: %s\n    targets:\n      - { node: %s, address: 0x%s }\n' "$kind" "$(i3c_node "$kind")" "$i3c_pid_0"
        ;;
      *) printf '    device: %s\n' "$(near_link "$bus")" ;;
    esac
    case $kind in link | mixed) echo "    kernel-network: ${kernel_network:-$(near_net "$bus")}" ;; esac
  done
  echo 'routes:'
  for word in "$@"; do
    bus=${word%:*}
    case $bus in
      a | b) echo "  - { eids: $(eid_of "$bus"), port: $bus, address: 0x1d }" ;;
      i3c) echo "  - { eids: 13, port: i3c, address: 0x$i3c_pid_0 }" ;;
      serial) echo '  - { eids: 12, port: serial }' ;;
    esac
  done
}

# start_router BUS:KIND...: with that topology, until all its ports are up.
start_router() {
  topology "$@" >/tmp/topology.yaml
  run_router
  for word in "$@"; do
    wait_for 15 is_up "${word%:*}" || give_up "port ${word%:*} is not up"
  done
}
# run_router: on /tmp/topology.yaml, until it answers.
run_router() {
  mctp-router /tmp/topology.yaml >/tmp/router.log 2>&1 </dev/null &
  router_pid=$!
  wait_for 30 answers || give_up "the router does not answer: $(tail -n 3 /tmp/router.log)"
}
answers() {
  alive || give_up "the router ended: $(tail -n 3 /tmp/router.log)"
  router-ctl --socket /tmp/router.socket status >/dev/null 2>&1
}
# A program that ended stays as a zombie until somebody waits for it.
alive() { grep -q '^State:[[:space:]]*[^Z]' "/proc/$router_pid/status" 2>/dev/null; }
is_up() {
  ports
  [ "$(port "$1" state)" = up ]
}
# stop_router: SIGTERM, and status 0 is what it has to end with.
stop_router() {
  kill -TERM "$router_pid"
  wait "$router_pid"
  same 'the status that the router ends with' $? 0
}

# ports: takes a picture of what the router counts; afterwards `port NAME KEY` and
# `link_counter NAME COUNTER` look into it.
ports() { router-ctl --socket /tmp/router.socket --json ports 2>/tmp/ports.errors | json_values >/tmp/ports; }
port() {
  awk -F '\t' -v port="$1" -v key="$2" '
    { at = index($1, "."); rest = substr($1, at + 1); at = index(rest, "."); n = substr(rest, 1, at - 1); k = substr(rest, at + 1)
      if (k == "name" && $2 == port) wanted = n
      if (k == key) value[n] = $2 }
    END { if (wanted == "" || !(wanted in value)) print "none"; else print value[wanted] }' /tmp/ports
}
link_counter() {
  awk -F '\t' -v port="$1" -v counter="$2" '
    { n = split($1, part, "."); if (part[1] != "ports") next
      if (n == 3 && part[3] == "name" && $2 == port) wanted = part[2]
      if (part[3] == "linkCounters" && part[5] == "name") name[part[2] "." part[4]] = $2
      if (part[3] == "linkCounters" && part[5] == "count") count[part[2] "." part[4]] = $2 }
    END { for (k in name) { split(k, part, "."); if (part[1] == wanted && name[k] == counter) { print count[k]; exit } } print "none" }' /tmp/ports
}

# ---- traffic --------------------------------------------------------------------------------

# request FROM TO SIZE COUNT [OPTION VALUE]...: from the far kernel of bus FROM to the far side of bus
# TO. The result line is in /tmp/result; `result NAME` is one of its figures.
request() {
  from=$1 to=$2 size=$3 amount=$4
  shift 4
  # The end of one that has nothing but losses.
  timeout 300 mctp-peer req "$(eid_of "$to")" 5 "$size" "$amount" net "$(net_of "$from")" "$@" >/tmp/result 2>&1
}
result() { awk -v name="$1" '{ for (i = 1; i < NF; i++) if ($i == name) { print $(i + 1); exit } }' /tmp/result; }

# perfect FROM TO SIZE COUNT: all come back as sent. Where not, the case ends: against a way that loses
# everything each message waits for its time-out.
perfect() {
  if request "$@" timeout 5000; then good "$1 -> $2: $(cat /tmp/result)"; else give_up "$1 -> $2, $4 messages of $3 bytes: $(cat /tmp/result)"; fi
}

# counts_agree BUS...: what each far side counted is what the router counted, packet for packet, and
# nothing was dropped.
counts_agree() {
  # The kernel counts a packet after it has handed on its last byte.
  sleep 0.3
  ports
  for bus in "$@"; do
    if [ "$bus" = i3c ]; then
      target_counts
      there=$(target sent) back=$(target received)
    else
      there=$(kernel "$(far_link "$bus")" tx_packets) back=$(kernel "$(far_link "$bus")" rx_packets)
    fi
    same "$bus: sent by the far side = taken in by the router" "$there" "$(port "$bus" counters.packetsIn)"
    same "$bus: sent by the router = taken in by the far side" "$(port "$bus" counters.packetsOut)" "$back"
    same "$bus: damaged, dropped in, dropped out" \
      "$(port "$bus" counters.damagedFrames) $(port "$bus" counters.droppedIn) $(port "$bus" counters.droppedOut)" '0 0 0'
  done
}
