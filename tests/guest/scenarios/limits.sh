#!/bin/bash
# The limits of open and active zones. Which implicitly open zone a device closes to make room is
# its own choice, so counts are compared and not zone numbers.
# Usage: limits.sh DEVICE, made for 4 open and 6 active zones
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
[[ $max_open == 4 && $max_active == 6 ]] || fail "wants 4 open and 6 active zones, has $max_open and $max_active"
first=$conventional
step=$((block_bytes / 512 * 8))

act() {
    attempt blkzone "$1" --offset "$(sector_of "$2")" --count "${3:-1}" "$dev"
    conditions
}
write_zone() {
    write_at $(($(sector_of "$1") + ${2:-0} * step)) "$step"
    conditions
}

reset_all
echo "== explicitly open: 4, then no more"
for zone in 0 1 2 3 4; do act open $((first + zone)); done
echo "== a write needs an open zone too"
write_zone $((first + 5))
echo "== room after a close"
act close "$first"
write_zone $((first + 5))
act open $((first + 6))
reset_all

echo "== implicitly open: one is closed to make room"
for zone in 0 1 2 3 4 5; do write_zone $((first + zone)); done
echo "== 6 are active, then no more"
# With one closed: QEMU's ZNS controller closes one for a request that it then refuses all the same.
act close $((first + 5))
write_zone $((first + 6))
act open $((first + 7))
act open $((first + 5))
echo "== finishing one makes it inactive"
# Always the zone written last: an earlier one may have been closed to make room, and null_blk
# finishes no closed zone while all active zones are taken, which other devices may well do.
act finish $((first + 5))
write_zone $((first + 6))
act close $((first + 6))
write_zone $((first + 7))
echo "== so does a reset"
act reset $((first + 6))
write_zone $((first + 7))
echo "== finishing an empty zone with no resource left"
act finish $((first + 8))
reset_all

echo "== explicitly open ones are never closed for others"
for zone in 0 1 2 3; do act open $((first + zone)); done
write_zone "$first"
write_zone $((first + 4))
act finish $((first + 5))
act close $((first + 3))
write_zone $((first + 4))
write_zone $((first + 5))
reset_all
conditions
