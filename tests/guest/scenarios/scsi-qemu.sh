#!/bin/bash
# Logical units that QEMU itself reaches by iscsi:// and hands through: a host-managed one as scsi-generic, an ordinary one
# as scsi-block. Usage: scsi-qemu.sh (disks behind QEMU's own virtio-scsi: LUN 0 host-managed, LUN 1 ordinary)
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-scsi.sh
mark_log
modprobe sd_mod
for ((tries = 0; tries < 100; tries++)); do
    disks=(/dev/sd[ab])
    if [[ ${#disks[@]} == 2 && -b ${disks[1]} ]]; then break; fi
    sleep 0.1
done
for disk in /sys/block/sd*; do
    case "$(<"$disk/queue/zoned")" in
        host-managed) ln -sfn "/dev/${disk##*/}" /run/attached/generic.scsi ;;
        none) ln -sfn "/dev/${disk##*/}" /run/attached/block.scsi ;;
    esac
done
use_device /run/attached/generic.scsi
use_scsi /run/attached/generic.scsi
sg_inq "$generic" | grep -o 'PDT=[0-9xa-f]*\|Vendor identification:.*\|Product identification:.*' | sed 's/ *$//'
say_scsi sg_rep_zones --num=2 "$generic"
blkzone reset "$dev"
report
start=$((conventional * zone_sectors * 512))
fio --minimal --name=job --filename="$dev" --direct=1 --zonemode=zbd --allow_file_create=0 --verify_fatal=1 --rw=write --bs=64k \
    --ioengine=libaio --iodepth=8 --offset=$start --size=2z --verify=crc32c --do_verify=1 >/tmp/fio.out 2>&1 || fail "fio: $(tail -n 5 /tmp/fio.out)"
report
write_at $(((start / 512) + 3 * zone_sectors + 8)) 8 x
report
blkzone reset "$dev"
check_log
bash /scenarios/ordinary.sh /run/attached/block.scsi
