#!/bin/bash
# zonefs: each zone a file. Appending direct writes, writes elsewhere refused, truncation as reset
# and finish. Usage: zonefs.sh DEVICE
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
mark_log
directory=/tmp/zonefs
mkdir -p $directory
reset_all
mkzonefs -f "$dev" >/tmp/mkfs 2>&1 || fail "mkzonefs: $(</tmp/mkfs)"
mount -t zonefs "$dev" $directory
(cd $directory && find . -type d | sort && find . -type f | wc -l)
append() { # FILE BYTE KIBIBYTES
    head -c $(($3 * 1024)) /dev/zero | tr '\0' "$2" >/tmp/pattern
    dd if=/tmp/pattern of="$directory/$1" bs=64k iflag=fullblock oflag=direct,append conv=notrunc 2>&1 | sed -n 's/^dd: /  /p' || true
    printf '%s: %s bytes\n' "$1" "$(stat -c %s "$directory/$1")"
}
for number in 0 1 2 3; do append "seq/$number" "$number" 1024; done
append seq/0 a 512
echo "== a write that is not at the end"
attempt dd if=/tmp/pattern of=$directory/seq/1 bs=64k count=1 seek=1 oflag=direct conv=notrunc
stat -c '%n %s' $directory/seq/1 | sed "s|$directory/||"
echo "== truncating to nothing empties the zone, to the capacity fills it, else it is refused"
truncate -s 0 $directory/seq/2
truncate -s $((capacity_sectors * 512)) $directory/seq/3
attempt truncate -s 4096 $directory/seq/0
stat -c '%n %s' $directory/seq/[0123] | sed "s|$directory/||"
append seq/2 z 64
echo "== to the end of a zone and no further"
append seq/4 f $((capacity_sectors / 2))
append seq/4 g 64
(cd $directory && md5sum seq/[01234])
umount $directory
report
mount -t zonefs "$dev" $directory
(cd $directory && md5sum seq/[01234])
append seq/0 b 64
umount $directory
check_log
reset_all
echo "zonefs: good"
