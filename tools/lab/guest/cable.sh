# The serial cable loses nothing: neither in a stream, nor while the reader keeps it waiting.
# shellcheck shell=dash
# shellcheck source=tools/lab/guest/lib.sh
. /lab/lib.sh

exec 3<>/dev/ttyS1 4<>/dev/ttyS2
stty raw -echo -crtscts clocal <&3
stty raw -echo -crtscts clocal <&4
# carry NAME BYTES SECONDS: BYTES from one end to the other, whose reader begins SECONDS later.
carry() {
  head -c "$2" /dev/urandom >/tmp/sent
  cat /tmp/sent >&3 &
  sleep "$3"
  timeout 60 head -c "$2" <&4 >/tmp/received
  same "$1" "$(md5sum </tmp/received) $(wc -c </tmp/received)" "$(md5sum </tmp/sent) $2"
}
carry 'a stream of 500000 bytes' 500000 0
# The guest's own terminal layer holds 64 KiB for a reader that sleeps; more than that is lost there,
# as behind any UART without flow control. A window of four messages of 4096 bytes is 42 KiB at most.
carry '50000 bytes whose reader sleeps for 3 s' 50000 3
finish
