#!/bin/bash
# f2fs on a zoned disk: make, mount, write, delete, unmount, check, mount again.
# Usage: f2fs.sh DEVICE [DISK] (at least 6 open zones). Metadata go to the device's conventional zones, or
# without any to the ordinary DISK, which must have blocks of the same size.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
if ((conventional > 0)); then
    disk="$dev"
    more=()
else
    disk="$(readlink -f -- "${2:?without conventional zones f2fs wants an ordinary disk for its metadata}")"
    more=(-c "$dev")
fi
mark_log
directory=/tmp/f2fs
mkdir -p $directory
reset_all
mkfs.f2fs -f -m "${more[@]}" "$disk" >/tmp/mkfs 2>&1 || fail "mkfs.f2fs: $(</tmp/mkfs)"

check() {
    fsck.f2fs --dry-run "$disk" >/tmp/check 2>&1 && return
    # This release's fsck counts the segments between a zone's capacity and its size as missing.
    if [[ $capacity_sectors -lt $zone_sectors ]] && ! grep 'Fail' /tmp/check | grep -qv 'free segment'; then return; fi
    fail "fsck.f2fs: $(grep -E 'Fail|ASSERT' /tmp/check)"
}

mount -t f2fs "$disk" $directory
fill $directory/a a 1024 16
fill $directory/b b 7 100
sync
rm -rf $directory/a
fill $directory/c c 4096 4
dd if=$directory/c/file0 of=$directory/direct bs=256k oflag=direct 2>/dev/null
sync
sums $directory >/tmp/before
umount $directory
check
mount -t f2fs "$disk" $directory
sums $directory >/tmp/after
fill $directory/d d 512 8
sums $directory/d
umount $directory
diff /tmp/before /tmp/after >&2 || fail "files differ after mounting again"
check
md5sum </tmp/after
reset_all
check_log
echo "f2fs: good"
