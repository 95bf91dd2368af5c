# In-band interrupts that are not MCTP, and such that get lost.
#   kind   i3c-mctp, i3cdev or link
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${kind:?}" "${count:?}"

load_i2c
load_i3c "$kind"
far_i2c a
far_i3c
near a queue
start_router a:queue "i3c:$kind"
perfect a i3c 4 10

if [ "$kind" != i3cdev ]; then
  note "$kind: interrupts with mandatory byte 0x20"
  ports
  before=$(port i3c counters.packetsIn)
  fault i3c mdb 0x20
  request a i3c 4 5 timeout 400 window 5
  same 'answers to 5 requests' "$(result good)" 0
  target_counts
  same 'answers that the target has, and that nobody fetched' "$(($(target sent) - 10))" 5
  ports
  same 'packets that the router took in meanwhile' $(($(port i3c counters.packetsIn) - before)) 0
  # Each interrupt announces one packet, and the target raises one for each packet of its own only:
  # what was not fetched then is fetched in the place of what is sent now.
  fault i3c mdb 0xae
  sleep 7
  request a i3c 4 5 timeout 1000 window 5
  ports
  same 'five more requests fetch those five' $(($(port i3c counters.packetsIn) - before)) 5
fi

note "$kind: every third interrupt is lost"
target_counts
sent_before=$(target sent)
ports
in_before=$(port i3c counters.packetsIn)
if [ "$kind" = i3cdev ]; then
  fault i3c ibi_drop_every 3
  for size in 4 65 1000; do perfect a i3c "$size" "$count"; done
  counts_agree i3c
else
  sleep 7
  drops_before=$(fault i3c ibi_drops)
  fault i3c ibi_drop_every 3
  request a i3c 4 30 timeout 1000
  note "$(cat /tmp/result)"
  sleep 1
  target_counts
  ports
  sent=$(($(target sent) - sent_before)) taken=$(($(port i3c counters.packetsIn) - in_before))
  # The bus counts interrupts since it was loaded while the fault is on, so the first that is lost is
  # the first, second or third of these.
  at_least "answers that wait for the next interrupt: $sent sent, $taken taken in" $((sent - taken)) $((sent / 3))
  at_most 'no more than were lost' $((sent - taken)) $((sent / 3 + 1))
  [ -z "$drops_before" ] || same 'the injector says the same' $(($(fault i3c ibi_drops) - drops_before)) $((sent - taken))
  same 'answers that came harmed' "$(result bad)" 0
  same 'every answer that was fetched came to its request' "$(result good)" "$taken"
  at_least 'the lag is seen, worst_ms' "$(result worst_ms | sed 's/\..*//')" 1
fi
stop_router
finish
