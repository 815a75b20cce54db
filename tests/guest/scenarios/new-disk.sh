#!/bin/bash
# Finds a disk on which nothing was ever written, and writes on it. Usage: new-disk.sh DEVICE
set -euo pipefail
source /scenarios/lib.sh
use_device "$1"
mark_log
written="$(blkzone report "$dev" | grep -v -e CONVENTIONAL -e 'zcond: 1(em)' || true)"
[[ -z $written ]] || fail "not all zones are empty: $written"
cmp -n $((zones * zone_sectors * 512)) "$dev" /dev/zero || fail "not all of it reads as zero"
{ yes "written" || true; } | dd of="$dev" bs=256k count=8 iflag=fullblock oflag=direct,seek_bytes conv=notrunc \
    seek=$(($(sector_of "$conventional") * 512)) 2>/dev/null
write_at "$(sector_of $((conventional + 2)))" $((block_bytes / 512)) w
contents >/out/contents
check_log
