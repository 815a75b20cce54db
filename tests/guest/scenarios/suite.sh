#!/bin/bash
# Several scenarios on several devices in one boot; goes on after a failure and names all at its end.
# Usage: suite.sh SCENARIO[,SCENARIO...] DEVICE... [-- SCENARIO... DEVICE...]... Each output is compared with
# that of a device known to be right (compare.sh). The ordinary disk that some scenarios want is the second
# namespace of an NVMe device that has one, else /run/disk/0 for blocks of 512 bytes and /run/disk/1 for 4096.
set -euo pipefail
directory="${BASH_SOURCE[0]%/*}"
[[ -d $directory && -e $directory/compare.sh ]] || directory=/scenarios
failed=()
passed=0
while [[ $# -gt 0 ]]; do
    IFS=, read -r -a scenarios <<<"$1"
    shift
    while [[ $# -gt 0 && $1 != -- ]]; do
        device=$1
        shift
        node="$(readlink -f -- "$device")"
        disk=/run/disk/0
        if [[ $(<"/sys/block/${node##*/}/queue/logical_block_size") == 4096 ]]; then disk=/run/disk/1; fi
        if [[ -b $device.2 ]]; then disk="$device.2"; fi
        for scenario in "${scenarios[@]}"; do
            if bash "$directory/compare.sh" "$scenario" "$device" "$disk"; then
                passed=$((passed + 1))
            else
                failed+=("$scenario on ${device##*/}")
            fi
        done
    done
    if [[ $# -gt 0 ]]; then shift; fi
done
echo "$passed passed, ${#failed[@]} failed"
if [[ ${#failed[@]} -gt 0 ]]; then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
