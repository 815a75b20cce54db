#!/bin/bash
# btrfs on a zoned disk: make, mount, write, snapshot, delete, relocate, scrub, check, mount again.
# Usage: btrfs.sh DEVICE (at least 8 active zones)
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
mark_log
modprobe btrfs
directory=/tmp/btrfs
mkdir -p $directory
reset_all
mkfs.btrfs --force --quiet --data single --metadata single "$dev" >&2
mount -t btrfs "$dev" $directory
fill $directory/a a 1024 16
fill $directory/b b 7 100
btrfs --quiet subvolume snapshot $directory $directory/snapshot >/dev/null
rm -rf $directory/a
fill $directory/c c 4096 4
# Zoned btrfs writes data by zone append; direct writes take the same way without the page cache.
dd if=$directory/c/file0 of=$directory/direct bs=256k oflag=direct 2>/dev/null
sync
sums $directory >/tmp/before
umount $directory
mount -t btrfs "$dev" $directory
btrfs --quiet balance start --full-balance $directory >&2
btrfs scrub start -B $directory >/tmp/scrub
grep -q 'no errors found' /tmp/scrub || fail "scrub: $(</tmp/scrub)"
umount $directory
btrfs check --readonly "$dev" >/tmp/check 2>&1 || fail "check: $(</tmp/check)"
mount -t btrfs "$dev" $directory
sums $directory >/tmp/after
umount $directory
diff /tmp/before /tmp/after >&2 || fail "files differ after mounting again"
md5sum </tmp/after
reset_all
check_log
echo "btrfs: good"
