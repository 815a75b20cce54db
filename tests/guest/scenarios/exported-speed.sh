#!/bin/bash
# Figures, without a target: fio on a device of this guest's kernel, bare and exported by a daemon in the guest over
# NVMe/TCP, in turns; and a report of 100,000 zones, with reads of another device meanwhile. Run --inside
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-inside.sh
source /scenarios/null-blk.sh

null_create fast size=512 zone_size=32 blocksize=4096 >/dev/null
# Nothing is ever written to it, so its 100,000 MiB cost nothing.
null_create many size=100000 zone_size=1 blocksize=4096 >/dev/null
for name in fast many; do
    ln -s "/dev/$name" "/run/host-$name"
    export_device "$name" "/dev/$name"
done
started=$(date +%s%N)
start_daemon
echo "the daemon was ready after $((($(date +%s%N) - started) / 1000000)) ms"
start_driver
for name in fast many; do
    attach_driver "$name"
    connect_loop "$name"
done

measure() { # TITLE DEVICE OPTION...
    local title=$1 device
    device="$(readlink -f "$2")"
    shift 2
    fio --name=speed --filename="$device" --direct=1 --zonemode=zbd --ioengine=io_uring --iodepth=32 --max_open_zones=4 \
        --time_based --runtime=5 --output-format=json "$@" >/tmp/speed.json 2>/tmp/speed.err || fail "fio: $(</tmp/speed.err)"
    jq -r --arg title "$title" '.jobs[0] | "\($title): \(.read.iops + .write.iops | round) IOPS, \((.read.bw + .write.bw) / 1024 | round) MiB/s"' \
        /tmp/speed.json
}
dd if=/dev/zero of="$(readlink -f /run/attached/fast)" bs=1M count=256 oflag=direct status=none
for round in 1 2; do
    for bytes in 4k 128k; do
        measure "read $bytes bare $round" /run/host-fast --rw=randread --bs=$bytes --size=256m
        measure "read $bytes exported $round" /run/attached/fast --rw=randread --bs=$bytes --size=256m
    done
done
for round in 1 2; do
    for bytes in 4k 128k; do
        # Zones are reset as they are needed. The bare one is written behind the daemon's back and emptied again.
        measure "write $bytes bare $round" /run/host-fast --rw=randwrite --bs=$bytes --offset=256m --size=256m
        blkzone reset --force "$(readlink -f /run/host-fast)"
        blkzone reset "$(readlink -f /run/attached/fast)"
        measure "write $bytes exported $round" /run/attached/fast --rw=randwrite --bs=$bytes --offset=256m --size=256m
    done
done

blkzone reset "$(readlink -f /run/attached/fast)"
dd if=/dev/zero of="$(readlink -f /run/attached/fast)" bs=1M count=64 oflag=direct status=none
fio --name=pause --filename="$(readlink -f /run/attached/fast)" --direct=1 --zonemode=zbd --rw=randread --bs=4k --size=64m \
    --ioengine=io_uring --iodepth=1 --time_based --runtime=20 --output-format=json >/tmp/pause.json 2>&1 &
reader=$!
sleep 2
started=$(date +%s%N)
# Into a file: the shell reads a pipe byte by byte, which takes longer than all else.
expect 100000 report many 0 /tmp/many
echo "100000 zones over vhost-user in $((($(date +%s%N) - started) / 1000000)) ms"
started=$(date +%s%N)
count="$(blkzone report "$(readlink -f /run/attached/many)" | wc -l)"
[[ $count == 100000 ]] || fail "$count zones over NVMe/TCP"
echo "100000 zones over NVMe/TCP in $((($(date +%s%N) - started) / 1000000)) ms"
started=$(date +%s%N)
count="$(blkzone report /dev/many | wc -l)"
echo "100000 zones of the bare device in $((($(date +%s%N) - started) / 1000000)) ms"
wait $reader || fail "reads beside the reports: $(tail -n 3 /tmp/pause.json)"
jq -r '.jobs[0].read | "reads of another device meanwhile: \(.iops | round) IOPS, the longest took \(.clat_ns.max / 1000000 | round) ms"' /tmp/pause.json
for name in fast many; do disconnect_loop "$name"; done
stop_daemon
