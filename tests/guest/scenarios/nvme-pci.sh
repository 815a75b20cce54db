#!/bin/bash
# NVMe over vfio-user under load. Usage: nvme-pci.sh DEVICE PART...: a ZNS namespace with at least 8 active zones
#   resets      verified writes while the controller is reset
#   coalescing  fewer interrupts with Interrupt Coalescing, and verified writes with it; wants a medium that answers reads
#               late, since a queue whose commands have all been answered does not wait
#   btrfs
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
use_nvme "$1"
shift
mark_log
zone=$((zone_lbas * lba_bytes))

resets() {
    echo "== verified writes while the controller is reset"
    fio --name=load --filename="$dev" --direct=1 --zonemode=zbd --rw=write --bs=32k --ioengine=libaio --iodepth=8 \
        --numjobs=2 --group_reporting --offset_increment=$((4 * zone)) --size=$((4 * zone)) --time_based --runtime=16 \
        --verify=crc32c --verify_backlog=32 --verify_fatal=1 --output-format=json >/tmp/load.json 2>/tmp/load.err &
    local load=$!
    # Not before it has written: a zone report, with which fio begins, fails with EAGAIN during a reset.
    await_writes "$name" 64
    local resets=0
    while ((resets < 5)); do
        kill -0 "$load" 2>/dev/null || fail "the load ended before the resets"
        nvme reset "$controller"
        resets=$((resets + 1))
        sleep 0.3
    done
    wait "$load" || fail "verified writes: $(tail -n 5 /tmp/load.json /tmp/load.err)"
    fio_results /tmp/load.json | jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0) verified \(.read.total_ios > 0)"'
    echo "resets $resets"
    [[ $(<"/sys/class/nvme/${controller##*/}/state") == live ]] || fail "the controller is not live"
}

# interrupts: how many its I/O queues had, on both processors.
interrupts() { awk -v queue=" ${controller##*/}q[1-9]" '$0 ~ queue { for (i = 2; i <= 3; i++) sum += $i } END { print sum + 0 }' /proc/interrupts; }
# per_thousand_reads: interrupts
per_thousand_reads() {
    local before
    before="$(interrupts)"
    fio --name=reads --filename="$dev" --direct=1 --rw=randread --bs="$lba_bytes" --ioengine=libaio --iodepth=32 --time_based \
        --runtime=3 --zonemode=zbd --size=2z --output-format=json >/tmp/reads.json || fail "reads: $(tail -n 5 /tmp/reads.json)"
    echo $((($(interrupts) - before) * 1000 / $(jq '[.jobs[].read.total_ios] | add' /tmp/reads.json)))
}

written() {
    fio --name=written --filename="$dev" --direct=1 --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --iodepth=8 \
        --size=2z --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >/tmp/written.json ||
        fail "verified writes: $(tail -n 5 /tmp/written.json)"
    jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0)"' /tmp/written.json
}

coalescing() {
    echo "== interrupt coalescing"
    local plain coalesced
    # What was never written is not read from the medium.
    written
    plain="$(per_thousand_reads)"
    # An interrupt for 16 completions, or 2 ms after the first.
    nvme set-feature "$controller" -f 8 -V $((20 << 8 | 15)) >/dev/null
    nvme get-feature "$controller" -f 8 | grep -o 'value.*'
    coalesced="$(per_thousand_reads)"
    echo "$plain interrupts for 1000 reads, coalesced $coalesced" >/out/interrupts
    ((coalesced * 3 < plain * 2)) || fail "$coalesced interrupts for 1000 reads with coalescing, $plain without"
    written
    nvme set-feature "$controller" -f 8 -V 0 >/dev/null
}

btrfs_too() {
    echo "== btrfs"
    bash /scenarios/btrfs.sh "$dev" >/tmp/btrfs.out || fail "btrfs"
    tail -n 1 /tmp/btrfs.out
}

for part in "$@"; do
    reset_all
    case $part in
        resets | coalescing) "$part" ;;
        btrfs) btrfs_too ;;
        *) fail "no part $part" ;;
    esac
done
reset_all
check_log
