# Who is on an I2C bus, asked while packets pass.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

load_i2c
far_i2c a
far_i2c b
near a queue
near b mixed
start_router a:queue b:mixed

# found BUS OUTCOME: the addresses with that outcome.
found() {
  router-ctl --socket /tmp/router.socket --json probe "$1" | json_values | awk -F '\t' -v outcome="$2" '
    { split($1, part, ".") }
    part[3] == "address" { address[part[2]] = $2 }
    part[3] == "outcome" && $2 == outcome { n[part[2]] = 1 }
    END { for (i = 0; i < 200; i++) if (i in n) printf "%s ", address[i] }'
}

request a b 65 "$count" timeout 5000 &
traffic=$!
for bus in a b; do
  same "bus $bus: who acknowledges" "$(found $bus acknowledged)" '0x1d '
  same "bus $bus: whom a kernel driver has" "$(found $bus kernel-driver)" '0x11 '
  same "bus $bus: what failed" "$(found $bus failed)" ''
done
wait "$traffic"
same 'messages that came back meanwhile' "$(result good)" "$count"
same 'one address, as people see it' \
  "$(router-ctl --socket /tmp/router.socket probe a --address 0x1e | tail -n 1)" '0x1e     not acknowledged'
stop_router
finish
