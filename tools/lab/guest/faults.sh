# Addresses that are not acknowledged and lost arbitration, on the router's side of both I2C buses.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

# fault_ports=2 is our port of each bus: the faults count and hit our transfers alone, so what was
# done to us follows from the number of our attempts: packets that went out and retries.
load_i2c fault_ports=2
far_i2c a
far_i2c b
near a queue
near b mixed
start_router a:queue b:mixed

# attempts BUS: all that the router put on that wire so far.
attempts() { echo $(($(port "$1" counters.packetsOut) + $(port "$1" counters.retries.addressNotAcknowledged) + $(port "$1" counters.retries.arbitrationLost))); }
# phase NAME NAK ARB: every NAKth attempt is not acknowledged, every ARBth loses arbitration; one that
# is both loses arbitration (0: none).
phase() {
  note "$1"
  ports
  for bus in a b; do
    eval "from_$bus=$(attempts $bus) nak_$bus=$(port $bus counters.retries.addressNotAcknowledged) arb_$bus=$(port $bus counters.retries.arbitrationLost)"
  done
  fault i2c nak_every "$2"
  fault i2c arb_every "$3"
  for size in 4 64 65 1000; do perfect a b "$size" "$count"; done
  fault i2c nak_every 0
  fault i2c arb_every 0
  ports
  for bus in a b; do
    from='' nak='' arb=''
    eval "from=\$from_$bus nak=\$nak_$bus arb=\$arb_$bus"
    to=$(attempts $bus)
    same "$bus: not acknowledged, retried, of $((to - from)) attempts" \
      $(($(port $bus counters.retries.addressNotAcknowledged) - nak)) $(($(hits "$2" "$to") - $(hits "$2" "$from") - $(both "$2" "$3" "$to") + $(both "$2" "$3" "$from")))
    same "$bus: arbitration lost, retried" \
      $(($(port $bus counters.retries.arbitrationLost) - arb)) $(($(hits "$3" "$to") - $(hits "$3" "$from")))
    same "$bus: dropped on the way out" "$(port $bus counters.droppedOut)" 0
  done
}
hits() { if [ "$1" = 0 ]; then echo 0; else echo $(($2 / $1)); fi; }
both() { if [ "$1" = 0 ] || [ "$2" = 0 ]; then echo 0; else echo $(($3 / ($1 * $2))); fi; }

phase 'nak_every=7' 7 0
phase 'arb_every=5' 0 5
phase 'nak_every=7 and arb_every=5' 7 5
stop_router
finish
