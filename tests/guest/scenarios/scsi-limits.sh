#!/bin/bash
# SCSI knows a limit of open zones only. Usage: scsi-limits.sh OPEN ACTIVE: the first made for 4 open zones, the second
# besides for 6 active ones, of which SCSI says nothing: what it refuses for that is "insufficient zone resources" too.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-scsi.sh

act() { # ACTION ZONE
    attempt blkzone "$1" --offset "$(sector_of "$2")" --count 1 "$dev"
    conditions
}
write_zone() {
    write_at "$(sector_of "$1")" "$step"
    conditions
}
use() {
    use_device "$1"
    use_scsi "$1"
    [[ $max_open == 4 && $max_active == 0 ]] || fail "wants 4 open zones and no active limit, has $max_open and $max_active"
    first=$conventional
    step=$((block_bytes / 512 * 8))
    reset_all
}

use "$1"
echo "== explicitly open: 4, then no more"
for zone in 0 1 2 3 4; do act open $((first + zone)); done
write_zone $((first + 5))
echo "== room after a close"
act close "$first"
write_zone $((first + 5))
echo "== an implicitly open one is closed to make room"
write_zone $((first + 6))
act open $((first + 7))
reset_all
echo "== any number may be active"
for zone in 0 1 2 3 4 5 6 7 8 9; do write_at "$(sector_of $((first + zone)))" "$step"; done
conditions
reset_all

use "$2"
echo "== 6 active, of which SCSI cannot tell"
for zone in 0 1 2 3 4 5 6; do write_zone $((first + zone)); done
say_scsi sg_zone --open --zone=$((7 * zone_lbas)) "$generic"
act finish "$first"
write_zone $((first + 6))
reset_all
conditions
