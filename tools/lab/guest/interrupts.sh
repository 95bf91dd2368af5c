# In-band interrupts that are not MCTP, and such that get lost.
#   kind    i3c-mctp, i3cdev or link     part    other-byte or lost
#
# Each interrupt announces one packet, and the virtual target raises one for each packet of its own
# only. So with a packet whose interrupt came to nothing, every later one is fetched one interrupt late.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh
: "${kind:?}" "${part:?}" "${count:?}"

load_i2c
load_i3c "$kind"
far_i2c a
far_i3c
near a queue
start_router a:queue "i3c:$kind"
perfect a i3c 4 10
target_counts
sent_before=$(target sent)
ports
in_before=$(port i3c counters.packetsIn)
# look: what the target sent and the router took in since then.
look() {
  sleep 1
  target_counts
  ports
  sent=$(($(target sent) - sent_before)) taken=$(($(port i3c counters.packetsIn) - in_before))
}

if [ "$part" = other-byte ]; then
  fault i3c mdb 0x20
  request a i3c 4 5 timeout 400 window 5
  same 'mandatory byte 0x20: answers to 5 requests' "$(result good)" 0
  look
  same 'mandatory byte 0x20: answers sent, taken in' "$sent $taken" '5 0'
  fault i3c mdb 0xae
  request a i3c 4 5 timeout 400 window 5
  look
  same 'mandatory byte 0xAE: five more interrupts fetch the five answers that waited' "$sent $taken" '10 5'
elif [ "$kind" = i3cdev ]; then
  fault i3c ibi_drop_every 3
  for size in 4 65 1000; do perfect a i3c "$size" "$count"; done
  counts_agree a i3c
else
  drops_before=$(fault i3c ibi_drops)
  fault i3c ibi_drop_every 3
  # Not more: the kernel keeps eight tags for six seconds.
  request a i3c 4 12 timeout 1000
  look
  note "$(cat /tmp/result)"
  # The bus counts all interrupts since it was loaded: of 12 that follow each other it drops 4.
  same "answers that wait for the next interrupt, of $sent" $((sent - taken)) 4
  [ -z "$drops_before" ] || same 'the injector says the same' $(($(fault i3c ibi_drops) - drops_before)) $((sent - taken))
  same 'answers that came harmed' "$(result bad)" 0
  same 'answers that were fetched, and came to their requests' "$taken" "$(result good)"
  at_least 'the lag is seen: requests that waited 1 s for theirs' "$(result lost)" 1
fi
stop_router
finish
