#!/bin/bash
# The daemon in the guest is killed under load and started again: the kernel's NVMe/TCP host resends what was not
# answered, and its writer notices nothing (DESIGN, "Replay"); over vhost-user all that was acknowledged is there.
# Usage: exported-kill.sh HOST-DEVICE... (host-devices.sh; zones of full capacity); run --inside and with
# --append nvme_core.multipath=0, since Linux 7.3 hangs by itself when a zoned write is sent again on another path
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-inside.sh
source /scenarios/null-blk.sh
source /scenarios/scsi-debug.sh
source /scenarios/tcmu.sh
source /scenarios/host-devices.sh

host_devices "$@"
for device in "$@"; do export_device "$device" "$(host_of "$device")"; done
start_daemon
start_driver
for device in "$@"; do
    attach_driver "$device"
    connect_loop "$device" --reconnect-delay 1 --keep-alive-tmo 5 --ctrl-loss-tmo 300
    agree "$device" "/run/host-$device"
done

kills=0 replayed=0
for round in 1 2; do
    for device in "$@"; do
        use_device "/run/attached/$device"
        reset_all
        # Half of the zones for each front-end; slowly enough that the load is still there when the daemon dies.
        half=$((zones / 2))
        zone_bytes=$((zone_sectors * 512))
        conventional_sectors="$(gawk '$NF == "CONVENTIONAL" { shift = $1 + strtonum("0x" $3) } END { print shift + 0 }' "/tmp/$device.host")"
        fio --name=load --filename="$dev" --direct=1 --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --iodepth=4 \
            --numjobs=2 --size=$((half / 2 * zone_bytes)) --offset_increment=$((half / 2 * zone_bytes)) --rate=3m --group_reporting \
            --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >"/out/$device.$round.fio" 2>&1 &
        load=$!
        first=$((conventional_sectors + half * zone_sectors))
        # fio asks for the zones when it starts, and it alone would see the session that is away; so wait until both jobs write.
        for ((tries = 0; tries < 600; tries++)); do
            if blkzone report "$dev" | zone_lines | gawk -v second=$((half / 2 * zone_sectors)) \
                '($1 == 0 || $1 == second) && $8 != "em" { n++ } END { exit n != 2 }'; then break; fi
            sleep 0.1
        done
        printf 'stream %s %s %s %s\n' "$device" "$first" $(((zones - half) * zone_sectors)) "$round" >&7
        sleep 1
        kill_daemon
        kills=$((kills + 1))
        read -r -t 120 answer <&8 || fail "the driver over vhost-user does not notice"
        [[ $answer == '= GONE '* ]] || fail "$device: the load was over before the daemon was killed: $answer"
        acknowledged="${answer##* }"
        kill -0 $load 2>/dev/null || fail "$device: fio ended before the daemon was killed"
        start_daemon
        wait $load || fail "$device: $(grep -v '^[ {}]' "/out/$device.$round.fio" | tail -n 5)"
        replayed=$((replayed + $(zonewright stats "$device" --json | jq '[.. | .["replayed-writes"]? // empty] | add // 0')))
        sed -n '/^{/,$p' "/out/$device.$round.fio" | jq -e '[.jobs[].error] | add == 0' >/dev/null || fail "$device: fio saw an error"
        expect OK detach "$device"
        attach_driver "$device"
        expect OK check "$device" "$first" "$acknowledged" "$round"
        agree "$device" "/run/host-$device"
        for other in "$@"; do
            if [[ $other != "$device" ]]; then
                expect OK detach "$other"
                attach_driver "$other"
            fi
        done
        # Writes go on at the pointer.
        report="$(blkzone report "$(host_of "$device")" | zone_lines | gawk -v first="$first" '$1 >= first && $8 != "fu" { print $1 + strtonum("0x" $7); exit }')"
        expect OK write "$device" "$report" 64 5
        expect OK check "$device" "$report" 64 5
        agree "$device" "/run/host-$device"
        echo "$device: killed under load, $acknowledged sectors acknowledged over vhost-user, and all is there"
    done
done
for device in "$@"; do disconnect_loop "$device"; done
stop_daemon
echo "$kills kills, $replayed writes sent again and found done"
# A null-slow has each write a while before it says so: some are always in between.
if [[ " $* " == *" null-slow "* && $replayed -eq 0 ]]; then fail "no write was sent again that was done already"; fi
