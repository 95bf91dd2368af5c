# A kernel link whose configuration would make the kernel answer or forward beside the router.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${count:?}"

load_i2c
without_network=''
# refused WHAT PATTERN BUS:KIND...: the router ends by itself, with a status other than 0 and a text
# that names the link.
refused() {
  what=$1 pattern=$2
  shift 2
  topology "$@" | if [ -n "$without_network" ]; then sed '/kernel-network/d'; else cat; fi >/tmp/topology.yaml
  timeout 20 mctp-router /tmp/topology.yaml >/tmp/refused 2>&1 </dev/null
  code=$?
  case $code in
    0 | 124 | 143) bad "$what: the router ended with status $code" ;;
    *) good "$what: status $code" ;;
  esac
  if grep -q "$pattern" /tmp/refused; then note "$(grep "$pattern" /tmp/refused | head -n 2)"; else bad "$what, without \`$pattern\`: $(cat /tmp/refused)"; fi
}
# fresh: a near link of bus a that nobody has configured yet.
fresh() {
  absent /sys/class/net/mctpi2c2 || take_away a
  wait_for 5 absent /sys/class/net/mctpi2c2
  near a link
}

fresh
mctp-peer link mctpi2c2 up net 5
mctp-peer addr 50 dev mctpi2c2
refused 'an address on the link' mctpi2c2 a:link

fresh
mctp-peer link mctpi2c2 up net 5
mctp-peer route 51 dev mctpi2c2
refused 'a route through the link' mctpi2c2 a:link

# The far link and the near one in one network, where the far one has an address: what comes in here
# for that address would be taken there.
fresh
far_i2c a
mctp-peer link mctpi2c2 up net 1
without_network=1
refused 'a link with an address in the same network' kernel-network a:link
without_network=''

note 'the same link with kernel-network'
far_i2c b
near b queue
start_router a:link b:queue
for size in 4 1000; do perfect b a "$size" "$count"; done
counts_agree a b
stop_router
finish
