#!/bin/bash
# Devices of this guest's kernel, exported by a daemon in the guest, behave as they do themselves. Every scenario runs on
# the bare device first; then over NVMe/TCP on the exported one, and at each report and before each reset the zones of the
# bare device, of the exported one and of the same over iSCSI and vhost-user agree. Where the bare device has conventional
# zones (which NVMe shows in a namespace of their own) the words of the scenarios differ, and only the zones are compared.
# With BY=iscsi the scenarios run over iSCSI, which shows all zones in one disk.
# Usage: exported.sh SCENARIO[,SCENARIO...] HOST-DEVICE... [-- SCENARIO... HOST-DEVICE...]... (host-devices.sh); run --inside
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-scsi.sh
source /scenarios/lib-inside.sh
source /scenarios/null-blk.sh
source /scenarios/scsi-debug.sh
source /scenarios/tcmu.sh
source /scenarios/host-devices.sh

by=${BY:-nvme}
plan=() devices=()
while [[ $# -gt 0 ]]; do
    scenarios=$1
    shift
    while [[ $# -gt 0 && $1 != -- ]]; do
        plan+=("${scenarios//,/ } $1")
        if [[ " ${devices[*]} " != *" $1 "* ]]; then devices+=("$1"); fi
        shift
    done
    if [[ $# -gt 0 ]]; then shift; fi
done

host_devices "${devices[@]}"
for entry in "${plan[@]}"; do
    read -r -a words <<<"$entry"
    device="${words[-1]}"
    (use_device "/run/host-$device"; [[ $by == iscsi || $conventional == 0 ]]) || continue
    for scenario in "${words[@]:0:${#words[@]}-1}"; do
        bash "/scenarios/$scenario.sh" "/run/host-$device" /run/disk/0 >"/out/$scenario.$device.expected" \
            2>"/out/$scenario.$device.expected.log" || fail "$scenario on the bare $device: $(tail -n 3 "/out/$scenario.$device.expected.log")"
    done
done

for device in "${devices[@]}"; do export_device "$device" "$(host_of "$device")"; done
start_daemon
start_driver
for device in "${devices[@]}"; do
    attach_driver "$device"
    connect_loop "$device"
    connect_iscsi "$device"
    agree "$device" "/run/host-$device"
done

failed=() passed=0
for entry in "${plan[@]}"; do
    read -r -a words <<<"$entry"
    device="${words[-1]}"
    for scenario in "${words[@]:0:${#words[@]}-1}"; do
        base="/out/$scenario.$device"
        status=0 agreed_before="$(agreed)" started=$SECONDS
        used="/run/attached/$device" disk=/run/disk/0
        if [[ $by == iscsi ]]; then
            used="$used.iscsi"
        elif [[ -b $used.2 ]]; then
            disk="$used.2"
        fi
        AGREE="$used=$device=/run/host-$device" bash "/scenarios/$scenario.sh" "$used" "$disk" >"$base.actual" \
            2>"$base.actual.log" || status=$?
        if [[ $status -ne 0 ]]; then
            tail -n 12 "$base.actual.log" >&2
            failed+=("$scenario on $device")
        elif [[ -e $base.expected ]] && ! diff -u "$base.expected" "$base.actual" >"$base.diff"; then
            head -n 40 "$base.diff" >&2
            failed+=("$scenario on $device")
        else
            passed=$((passed + 1))
            echo "$scenario on $device: good, $(($(agreed) - agreed_before)) reports agreed ($((SECONDS - started)) s)"
        fi
    done
done

# What the drivers over vhost-user write is there for the bare device and for the other front-end.
for device in "${devices[@]}"; do
    node="$(host_of "$device")"
    (
        use_device "$node"
        expect OK reset-all "$device"
        first=$((conventional * zone_sectors))
        expect "OK $capacity_sectors" stream "$device" "$first" "$capacity_sectors" 11
        expect "OK 2048" stream "$device" $((first + zone_sectors)) 2048 12
        expect "OK $((first + zone_sectors + 2048))" append "$device" $((first + zone_sectors)) 64 12
        expect OK check "$device" "$first" "$capacity_sectors" 11
        expect OK check "$device" $((first + zone_sectors)) 2048 12
        agree "$device" "$node"
        [[ $(checksum "$first" "$capacity_sectors") == "$(dev="/run/attached/$device"; checksum 0 "$capacity_sectors" | sed "s/sectors 0+/sectors $first+/")" ]] ||
            fail "$device: what was written over vhost-user reads differently over NVMe/TCP and from the bare device"
    )
    disconnect_loop "$device"
    disconnect_iscsi "$device"
done
stop_daemon
echo "$passed passed, ${#failed[@]} failed, $(agreed) reports agreed"
if [[ ${#failed[@]} -gt 0 ]]; then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
