#!/bin/bash
# Disks without zones as far as Linux knows: random verified writes, and a file system.
# Usage: ordinary.sh DEVICE... (a PCI address stands for the disk there)
set -euo pipefail
source /scenarios/lib.sh
mark_log
for device in "$@"; do
    if [[ $device == 0000:* ]]; then
        nodes=("/sys/bus/pci/devices/$device"/virtio*/block/*)
        device="/dev/${nodes[0]##*/}"
    fi
    dev="$(readlink -f -- "$device")"
    queue="/sys/block/${dev##*/}/queue"
    [[ $(<"$queue/zoned") == none ]] || fail "$device is $(<"$queue/zoned")"
    [[ $(lsblk --nodeps --noheadings --output ZONED "$dev" | tr -d ' ') == none ]] || fail "lsblk shows zones on $device"
    fio --minimal --name=job --filename="$dev" --direct=1 --allow_file_create=0 --verify_fatal=1 --rw=randwrite \
        --bsrange=4k-128k --ioengine=libaio --iodepth=16 --size=64m --verify=crc32c --do_verify=1 >/tmp/fio.out 2>&1 || {
        tail -n 20 /tmp/fio.out >&2
        fail "random verified writes on $device"
    }
    mkdir -p /tmp/disk
    mkfs.xfs -f -q "$dev" >&2
    mount -t xfs "$dev" /tmp/disk
    fill /tmp/disk/a a 1024 16
    fill /tmp/disk/b b 7 100
    sync
    sums /tmp/disk >/tmp/before
    umount /tmp/disk
    xfs_repair -n "$dev" >/tmp/check 2>&1 || fail "xfs_repair: $(</tmp/check)"
    mount -t xfs "$dev" /tmp/disk
    sums /tmp/disk >/tmp/after
    umount /tmp/disk
    diff /tmp/before /tmp/after >&2 || fail "files on $device differ after mounting again"
    echo "$device: good"
done
check_log
