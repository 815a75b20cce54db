#!/bin/bash
# Zones become read-only and offline under a running guest. Usage: failing-zones.sh DEVICE; the host makes
# zone 4 read-only and 5, 9 and 10 offline between /out/written and /out/failed
set -euo pipefail
source /scenarios/lib.sh
use_device "$1"
write_at "$(sector_of 4)" 8 r
write_at "$(sector_of 5)" 8 o
before="$(checksum "$(sector_of 4)" 8)"
touch /out/written
await_host /out/failed
found="$(report)"
[[ $found == "$(
    cat <<'REPORT'
  zones 0-3: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
  zones 4-4: len 0x002000 cap 0x002000 wptr - ro SEQ_WRITE_REQUIRED
  zones 5-5: len 0x002000 cap 0x002000 wptr - of SEQ_WRITE_REQUIRED
  zones 6-8: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
  zones 9-10: len 0x002000 cap 0x002000 wptr - of SEQ_WRITE_REQUIRED
  zones 11-31: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
REPORT
)" ]] || fail "$found"
# A read-only zone still reads, an offline one does not, and neither can be written or reset.
[[ $(checksum "$(sector_of 4)" 8) == "$before" ]] || fail "zone 4 reads differently"
if dd if="$dev" of=/dev/null bs=4k count=1 iflag=direct,skip_bytes skip=$(($(sector_of 5) * 512)) 2>/tmp/dd; then
    fail "zone 5 is offline and reads"
fi
grep -q 'Input/output error' /tmp/dd || fail "$(</tmp/dd)"
for zone in 4 5; do
    if dd if=/dev/zero of="$dev" bs=4k count=1 oflag=direct,seek_bytes conv=notrunc \
        seek=$((($(sector_of $zone) + 8) * 512)) 2>/tmp/dd; then fail "zone $zone takes writes"; fi
    if blkzone reset --offset "$(sector_of $zone)" --count 1 "$dev" 2>/tmp/blkzone; then fail "zone $zone is reset"; fi
done
write_at "$(sector_of 6)" 8 s
report | grep '  zones 6-6: len 0x002000 cap 0x002000 wptr 0x000008 oi' >/dev/null || fail "the zone beside takes no write: $(report)"
[[ $(report | grep -E 'zones (4-4|5-5|9-10):') == "$(grep -E 'zones (4-4|5-5|9-10):' <<<"$found")" ]] || fail "$(report)"
