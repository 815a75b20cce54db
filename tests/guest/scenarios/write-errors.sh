#!/bin/bash
# Direct writes that a sequential zone must refuse: each fails with its errno and changes nothing.
# Usage: write-errors.sh DEVICE
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
first=$conventional
step=$((block_bytes / 512 * 8))
start=$(sector_of "$first")

state() {
    report
    checksum "$start" $((2 * step))
}

reset_all
echo "== not at the write pointer"
write_at $((start + step)) "$step" x
report
write_at "$start" "$step" a
write_at $((start + step)) "$step" b
state
write_at "$start" "$step" x
state
write_at $((start + step)) "$step" x
state
write_at $((start + 3 * step)) "$step" x
state

echo "== past the capacity and the zone's end"
blkzone reset --offset "$start" --count 1 "$dev"
# Up to one step below the capacity, in writes of 1 MiB and a rest.
dd if=/dev/zero of="$dev" bs=1M oflag=direct,seek_bytes conv=notrunc seek=$((start * 512)) \
    count=$((capacity_sectors * 512 - step * 512)) iflag=count_bytes,fullblock 2>/dev/null
report
write_at $((start + capacity_sectors - step)) $((2 * step)) x
report
write_at $((start + capacity_sectors - step)) "$step" c
report
checksum $((start + capacity_sectors - step)) "$step"
echo "== to a full zone"
write_at "$start" "$step" x
write_at $((start + capacity_sectors - step)) "$step" x
report
checksum $((start + capacity_sectors - step)) "$step"

echo "== past the end of the device"
write_at $((zones * zone_sectors)) "$step" x

if [[ $conventional -gt 0 ]]; then
    echo "== conventional zones take writes in any order"
    write_at $((5 * step)) "$step" p
    write_at $((3 * step)) "$step" q
    write_at $((5 * step)) "$step" r
    checksum $((3 * step)) "$step"
    checksum $((5 * step)) "$step"
    report
fi

echo "== discarding is no way round"
# Without looking for signatures first: a disk's last sector may lie in a gap zone, which does not read.
attempt blkdiscard --force --offset $((start * 512)) --length $((zone_sectors * 512)) "$dev"
report
reset_all
