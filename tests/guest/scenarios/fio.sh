#!/bin/bash
# Verified fio runs: sequential writes at several block sizes and depths on several zones at once,
# then random reads of what was written. Usage: fio.sh DEVICE (at least 8 sequential zones; small ones, or it takes long)
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
use_device "$1"
mark_log

run() {
    local title=$1
    shift
    note "fio: $title"
    if ! fio --minimal --name=job --filename="$dev" --direct=1 --zonemode=zbd --group_reporting --verify_fatal=1 \
        --allow_file_create=0 "$@" >/tmp/fio.out 2>&1; then
        tail -n 20 /tmp/fio.out >&2
        fail "fio: $title"
    fi
    printf '%s: good\n' "$title"
}

start=$((conventional * zone_sectors * 512))
zone=$((zone_sectors * 512))
# A job that fills a zone opens the next one before the first is closed, and one that finds no zone it may
# open ends early and calls that good: so there are half as many jobs as zones may be open.
writers=4
if ((max_open > 0 && max_open < 8)); then writers=$((max_open / 2)); fi
# Each job has zones of its own; fio writes no less than a whole zone, and small blocks take long.
for bytes in 4k 64k 512k; do
    each=2
    if [[ $bytes == 4k ]]; then each=1; fi
    for depth in 1 16; do
        reset_all
        run "$writers writers, blocks of $bytes, depth $depth, verified" --rw=write --bs="$bytes" --ioengine=libaio \
            --iodepth="$depth" --numjobs="$writers" --offset="$start" --offset_increment=$((each * zone)) \
            --size=$((each * zone)) --verify=crc32c --do_verify=1 --max_open_zones=$((2 * writers))
        report
    done
done

reset_all
run "fill 4 zones" --rw=write --bs=256k --ioengine=libaio --iodepth=4 --offset="$start" --size=$((4 * zone)) \
    --verify=crc32c --do_verify=0 --max_open_zones=1
report
run "random reads of 256k, depth 16, verified" --rw=randread --bs=256k --ioengine=libaio --iodepth=16 --offset="$start" \
    --size=$((4 * zone)) --verify=crc32c
run "random reads by io_uring" --rw=randread --bs=4k --ioengine=io_uring --iodepth=32 --offset="$start" \
    --size=$((4 * zone)) --io_size=4m
reset_all
run "random writes to whole zones with resets" --rw=randwrite --bs=128k --ioengine=libaio --iodepth=8 \
    --offset="$start" --size=$((8 * zone)) --io_size=$((16 * zone)) --max_open_zones=3 --verify=crc32c --do_verify=1 \
    --randseed=7
reset_all
check_log
