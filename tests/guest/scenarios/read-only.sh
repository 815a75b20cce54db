#!/bin/bash
# A device that takes no writes: Linux says so, reads it and its zones. Usage: read-only.sh DEVICE, with
# zones 2 and 5 full and 64 KiB in zone 7
set -euo pipefail
source /scenarios/lib.sh
use_device "$1"
[[ $(<"/sys/block/$name/ro") == 1 ]] || fail "Linux takes $dev for writable"
before="$(report)"
[[ $before == "$(
    cat <<'REPORT'
  zones 0-1: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
  zones 2-2: len 0x002000 cap 0x002000 wptr - fu SEQ_WRITE_REQUIRED
  zones 3-4: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
  zones 5-5: len 0x002000 cap 0x002000 wptr - fu SEQ_WRITE_REQUIRED
  zones 6-6: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
  zones 7-7: len 0x002000 cap 0x002000 wptr 0x000080 cl SEQ_WRITE_REQUIRED
  zones 8-31: len 0x002000 cap 0x002000 wptr 0x000000 em SEQ_WRITE_REQUIRED
REPORT
)" ]] || fail "$before"
cmp -n $((4 << 20)) "$dev" /dev/zero
if dd if=/dev/zero of="$dev" bs=4k count=1 oflag=direct conv=notrunc 2>/tmp/dd; then fail "it took a write"; fi
grep -q 'Operation not permitted' /tmp/dd || fail "$(</tmp/dd)"
if blkzone reset --offset $((2 * zone_sectors)) --count 1 "$dev" 2>/tmp/blkzone; then fail "it took a reset"; fi
[[ $(report) == "$before" ]] || fail "zones changed: $(report)"
