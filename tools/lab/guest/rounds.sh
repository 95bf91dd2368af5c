# Takes devices away and gives them back, over and over, under traffic. The daemon lives, its ports
# come back, and nothing leaks.
#   rounds   how many
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${rounds:?}"

load_i2c
load_i3c link
far_i2c a
far_i2c b
far_serial
far_i3c
near a queue
near b link
start_router a:queue b:link serial:tty i3c:link
pid_at_start=$router_pid

# Traffic that does not mind losses: a process of its own for every few messages, because what is lost
# keeps its tag for six seconds while its socket is open.
# /tmp/came has a line for each that came through whole, /tmp/traffic.log all results.
traffic() {
  while exists /tmp/traffic; do
    for way in '11 5 200 4 net 1' '13 5 200 4 net 3' '12 5 65 4 net 2'; do
      # shellcheck disable=SC2086  # words
      if mctp-peer req $way timeout 200 >>/tmp/traffic.log 2>&1; then echo "$way" >>/tmp/came; else sleep 0.1; fi
    done
  done
}

# size_of: descriptors, threads and resident KiB of the router.
size_of() {
  echo "$(find "/proc/$router_pid/fd" -mindepth 1 2>/dev/null | wc -l) $(sed -n 's/^Threads:[[:space:]]*//p' "/proc/$router_pid/status") $(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$router_pid/status")"
}

# shellcheck disable=SC2317  # wait_for calls it, and through
not_up() { ! is_up "$1"; }
# went_down BUS WHAT: the router has noticed.
went_down() { wait_for 10 not_up "$1" || bad "round $round: port $1 does not notice that $2"; }
# through FROM TO: the way is open again.
# shellcheck disable=SC2317
through() { mctp-peer req "$(eid_of "$2")" 5 65 2 net "$(net_of "$1")" timeout 1000 >/tmp/through 2>&1; }
comes_back() {
  wait_for 15 is_up "$1" || bad "round $round: port $1 does not come back after $2: $(port "$1" stateReason)"
  wait_for 10 through "$3" "$4" || bad "round $round: nothing comes through $1 after $2: $(cat /tmp/through)"
}

# one WHICH: takes one thing away and gives it back.
one() {
  case $1 in
    0)
      take_away a
      went_down a 'the queue is gone'
      make_queue a
      comes_back a 'a new queue' serial a
      ;;
    1)
      take_away b
      went_down b 'mctpi2c4 is gone'
      make_link b
      comes_back b 'a new mctpi2c4' serial b
      ;;
    2)
      mctp-peer link mctpi3c0 down
      went_down i3c 'mctpi3c0 is down'
      mctp-peer link mctpi3c0 up
      comes_back i3c 'mctpi3c0 up' serial i3c
      ;;
    3)
      hangup /dev/ttyS1
      # A terminal that is hung up is there again at once: nobody can say that it was seen down.
      comes_back serial 'a hang-up' a serial
      ;;
    4)
      mctp-peer link mctpi2c4 down
      went_down b 'mctpi2c4 is down'
      mctp-peer link mctpi2c4 up
      comes_back b 'mctpi2c4 up' serial b
      ;;
    5)
      # The far side: our port stays up, nobody acknowledges.
      echo 0x101d >/sys/bus/i2c/devices/i2c-1/delete_device
      wait_for 5 absent /sys/class/net/mctpi2c1 || bad "round $round: mctpi2c1 is still there"
      echo mctp-i2c-interface 0x101d >/sys/bus/i2c/devices/i2c-1/new_device
      wait_for 5 exists /sys/class/net/mctpi2c1 || bad "round $round: no mctpi2c1"
      configure_far a
      comes_back a 'a new far side' serial a
      ;;
  esac
}

touch /tmp/traffic
traffic &
round=0
# Once through all kinds before the first look: what is allocated once is not a leak.
while [ $round -lt 6 ]; do
  one $((round % 6))
  round=$((round + 1))
done
before=$(size_of)
note "descriptors, threads, KiB after the first six: $before"
round=1
while [ $round -le "$rounds" ] && [ "$failures" = 0 ]; do
  one $((round % 6))
  alive || give_up "round $round: the router ended"
  [ $((round % 10)) != 0 ] || note "$round rounds: $(size_of)"
  # Its buffer holds no more than that.
  [ $((round % 10)) != 0 ] || dmesg -c >>/tmp/kernel.log
  round=$((round + 1))
done
rm /tmp/traffic
sleep 2
after=$(size_of)
good "$((round - 1)) rounds"
for way in '11 5 200 4 net 1' '13 5 200 4 net 3' '12 5 65 4 net 2'; do
  at_least "exchanges that came through meanwhile, to EID ${way%% *}" "$(grep -c "^$way" /tmp/came)" "$rounds"
done
at_least 'exchanges that lost something to what was taken away' "$(grep '^sent' /tmp/traffic.log | grep -c -v 'lost 0 ')" 1
# The peer's other words are about links that are not there just now.
same 'exchanges that brought something harmed' "$(grep '^sent' /tmp/traffic.log | grep -c -v 'bad 0 ')" 0
dmesg -c >>/tmp/kernel.log
# Not the router's doing, but worth knowing when a round fails: the whole text is in the log.
note "warnings of the guest's own kernel: $(grep -c 'cut here' /tmp/kernel.log)"
grep -A 25 'cut here' /tmp/kernel.log
same 'the router is the one that was started' "$router_pid" "$pid_at_start"
same 'descriptors' "${after%% *}" "${before%% *}"
before=${before#* } after=${after#* }
same 'threads' "${after%% *}" "${before%% *}"
at_most 'growth of resident memory, KiB' $((${after#* } - ${before#* })) 1024
for pair in serial:a serial:b serial:i3c a:serial; do perfect "${pair%:*}" "${pair#*:}" 1000 20; done
stop_router
finish
