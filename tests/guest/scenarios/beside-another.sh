#!/bin/bash
# Verified writes for 15 s, begun when the host says so (another guest does the same on another device
# of the same daemon), then data that is this guest's own. Usage: beside-another.sh DEVICE NAME
set -euo pipefail
source /scenarios/lib.sh
use_device "$1"
mark_log
reset_all
touch /out/ready
await_host /out/go
zone=$((zone_sectors * 512))
fio --minimal --name=job --filename="$dev" --direct=1 --zonemode=zbd --allow_file_create=0 --verify_fatal=1 \
    --rw=randwrite --bs=64k --ioengine=libaio --iodepth=8 --offset=$((conventional * zone)) --size=$((8 * zone)) \
    --time_based --runtime=15 --max_open_zones=3 --verify=crc32c --do_verify=1 --verify_backlog=64 >/tmp/fio.out 2>&1 || {
    tail -n 20 /tmp/fio.out >&2
    fail "verified writes"
}
reset_all
start=$((conventional * zone))
yes "$2 was here" | head -c $((2 << 20)) >/tmp/own || true
dd if=/tmp/own of="$dev" bs=256k oflag=direct,seek_bytes conv=notrunc seek="$start" 2>/dev/null
dd if="$dev" bs=256k iflag=direct,skip_bytes,count_bytes skip="$start" count=$((2 << 20)) 2>/dev/null | cmp - /tmp/own
md5sum <"$dev" >/out/sum
check_log
