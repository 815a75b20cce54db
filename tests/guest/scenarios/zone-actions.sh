#!/bin/bash
# Every zone action of blkzone on zones in every condition, with a report after each.
# Usage: zone-actions.sh DEVICE (at least 16 sequential zones)
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
first=$conventional
step=$((block_bytes / 512 * 8))

zone() { # ACTION ZONE [COUNT]
    attempt blkzone "$1" --offset "$(sector_of "$2")" --count "${3:-1}" "$dev"
    report
}

echo "block $block_bytes zones $zones size $zone_sectors open $max_open active $max_active"
reset_all
report

echo "== from empty"
zone open "$first"
zone close "$first"
zone open "$first"
zone reset "$first"
zone close "$first"
zone finish "$first"
zone reset "$first"

echo "== from implicitly open"
write_at "$(sector_of "$first")" "$step"
report
zone open "$first"
write_at $(($(sector_of "$first") + step)) "$step"
report
zone close "$first"
zone close "$first"
write_at $(($(sector_of "$first") + 2 * step)) "$step"
report
zone close "$first"
zone open "$first"
zone finish "$first"

echo "== from full"
zone open "$first"
zone close "$first"
zone finish "$first"
write_at "$(sector_of "$first")" "$step"
report
zone reset "$first"
zone reset "$first"

echo "== from closed"
write_at "$(sector_of "$first")" "$step"
zone close "$first"
zone finish "$first"
zone reset "$first"
write_at "$(sector_of "$first")" "$step"
zone close "$first"
zone reset "$first"

echo "== ranges"
zone open "$first" 3
write_at "$(sector_of $((first + 1)))" "$step"
zone close "$first" 3
zone open $((first + 1)) 3
zone finish "$first" 3
zone reset $((first + 1)) 3

echo "== the last zone"
zone open $((zones - 1))
zone finish $((zones - 1))
zone reset $((zones - 1))

if [[ $conventional -gt 0 ]]; then
    echo "== conventional zones"
    zone open 0
    zone close 0
    zone finish 0
    zone reset 0
fi

echo "== all"
write_at "$(sector_of "$first")" "$step"
write_at "$(sector_of $((first + 1)))" "$step"
zone open $((first + 2))
attempt blkzone reset "$dev"
report
