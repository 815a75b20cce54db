#!/bin/bash
# Figures for decision 0191: how fast QEMU's NVMe ZNS disk fills by Zone Append through its generic node, and by writes one
# after the other, as linux-zbd places them, single ones and joined ones. Run --inside with
# --qemu-zns zns,4096,size=512M,zone_size=128M
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-inside.sh
prepare_program
disk="$(readlink -f /run/reference/zns)"
generic="/dev/ng${disk#/dev/nvme}"
[[ -c $generic ]] || fail "no generic node $generic"
probe() {
    "$java" "${java_options[@]}" -XX:+UseSerialGC --module-path "$program/lib/modules" --add-modules io.zonewright.posix \
        --enable-native-access=io.zonewright.posix -cp "/run/testkit/testkit.jar:$program/lib/*" \
        io.zonewright.testkit.nvme.AppendProbe "$@"
}
for round in 1 2; do
    for bytes in 4096 16384; do
        for threads in 1 4 8; do
            blkzone reset "$disk"
            echo "append $bytes, $threads in flight, round $round: $(probe append "$generic" 0 4096 "$bytes" "$threads" 4000)"
        done
        blkzone reset "$disk"
        echo "write $bytes, one in flight, round $round: $(probe write "$disk" 0 4096 "$bytes" 1 4000)"
        blkzone reset "$disk"
        echo "write $((bytes * 8)), 8 joined, round $round: $(probe write "$disk" 0 4096 $((bytes * 8)) 1 4000)"
    done
done
