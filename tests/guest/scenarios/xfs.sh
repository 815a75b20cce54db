#!/bin/bash
# XFS with its data on a zoned disk: make, mount, write, delete, unmount, check, mount again.
# Usage: xfs.sh DEVICE [DISK]. Metadata go to the device's own conventional zones where these have 512 MiB
# (XFS wants a good 300), and to the ordinary DISK otherwise. A device with conventional zones must have
# zones of full capacity: mkfs.xfs 7.2 puts the zones at the wrong place, or the kernel refuses to mount.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
if ((conventional > 0 && capacity_sectors < zone_sectors)); then
    fail "XFS cannot use a device with conventional zones and a zone capacity below the zone size"
fi
if ((conventional * zone_sectors / 2048 >= 512)); then
    make=(mkfs.xfs -f -q -d rtinherit=1 -r zoned=1 "$dev")
    mount=(mount -t xfs "$dev")
    repair=(xfs_repair -n "$dev")
else
    disk="$(readlink -f -- "${2:?without conventional zones XFS wants an ordinary disk for its metadata}")"
    make=(mkfs.xfs -f -q -d rtinherit=1 -r "zoned=1,rtdev=$dev" "$disk")
    mount=(mount -t xfs -o "rtdev=$dev" "$disk")
    repair=(xfs_repair -n -r "$dev" "$disk")
fi
mark_log
directory=/tmp/xfs
mkdir -p $directory
reset_all
"${make[@]}" >&2
"${mount[@]}" $directory
fill $directory/a a 1024 16
fill $directory/b b 7 100
sync
rm -rf $directory/a
fill $directory/c c 4096 4
dd if=$directory/c/file0 of=$directory/direct bs=256k oflag=direct 2>/dev/null
# Overwriting leaves holes in zones, and the file must still read as one.
dd if=$directory/c/file1 of=$directory/c/file0 bs=64k count=7 seek=5 conv=notrunc oflag=direct 2>/dev/null
sync
sums $directory >/tmp/before
umount $directory
"${repair[@]}" >/tmp/check 2>&1 || fail "xfs_repair: $(</tmp/check)"
"${mount[@]}" $directory
sums $directory >/tmp/after
fill $directory/d d 512 8
sums $directory/d
umount $directory
diff /tmp/before /tmp/after >&2 || fail "files differ after mounting again"
"${repair[@]}" >/tmp/check 2>&1 || fail "xfs_repair: $(</tmp/check)"
md5sum </tmp/after
reset_all
check_log
echo "xfs: good"
