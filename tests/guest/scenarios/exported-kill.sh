#!/bin/bash
# The daemon in the guest is killed under load and started again: the kernel's NVMe/TCP host resends what was not
# answered, and its writer notices nothing (DESIGN, "Replay"); over vhost-user all that was acknowledged is there.
# Usage: exported-kill.sh HOST-DEVICE... (host-devices.sh; zones of full capacity); run --inside
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-inside.sh
source /scenarios/null-blk.sh
source /scenarios/scsi-debug.sh
source /scenarios/host-devices.sh

host_devices "$@"
for name in "$@"; do export_device "$name" "$(host_of "$name")"; done
start_daemon
start_driver
for name in "$@"; do
    attach_driver "$name"
    connect_loop "$name" --reconnect-delay 1 --keep-alive-tmo 5 --ctrl-loss-tmo 300
    agree "$name" "/run/host-$name"
done

kills=0
for round in 1 2; do
    for name in "$@"; do
        use_device "/run/attached/$name"
        reset_all
        # Half of the zones for each front-end; slowly enough that the load is still there when the daemon dies.
        half=$((zones / 2))
        zone_bytes=$((zone_sectors * 512))
        conventional_sectors="$(gawk '$NF == "CONVENTIONAL" { shift = $1 + strtonum("0x" $3) } END { print shift + 0 }' "/tmp/$name.host")"
        fio --name=load --filename="$dev" --direct=1 --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --iodepth=4 \
            --numjobs=2 --size=$((half / 2 * zone_bytes)) --offset_increment=$((half / 2 * zone_bytes)) --rate=3m --group_reporting \
            --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >"/out/$name.$round.fio" 2>&1 &
        load=$!
        first=$((conventional_sectors + half * zone_sectors))
        printf 'stream %s %s %s %s\n' "$name" "$first" $(((zones - half) * zone_sectors)) "$round" >&7
        # By now both write.
        sleep 3
        kill_daemon
        kills=$((kills + 1))
        read -r -t 120 answer <&8 || fail "the driver over vhost-user does not notice"
        [[ $answer == '= GONE '* ]] || fail "$name: the load was over before the daemon was killed: $answer"
        acknowledged="${answer##* }"
        kill -0 $load 2>/dev/null || fail "$name: fio ended before the daemon was killed"
        start_daemon
        wait $load || fail "$name: $(grep -v '^[ {}]' "/out/$name.$round.fio" | tail -n 5)"
        jq -e '[.jobs[].error] | add == 0' "/out/$name.$round.fio" >/dev/null || fail "$name: fio saw an error"
        expect OK detach "$name"
        attach_driver "$name"
        expect OK check "$name" "$first" "$acknowledged" "$round"
        agree "$name" "/run/host-$name"
        for other in "$@"; do
            if [[ $other != "$name" ]]; then
                expect OK detach "$other"
                attach_driver "$other"
            fi
        done
        # Writes go on at the pointer.
        report="$(blkzone report "$(host_of "$name")" | zone_lines | gawk -v first="$first" '$1 >= first && $8 != "fu" { print $1 + strtonum("0x" $7); exit }')"
        expect OK write "$name" "$report" 64 5
        expect OK check "$name" "$report" 64 5
        agree "$name" "/run/host-$name"
        echo "$name: killed under load, $acknowledged sectors acknowledged over vhost-user, and all is there"
    done
done
for name in "$@"; do disconnect_loop "$name"; done
stop_daemon
echo "$kills kills, replayed: $(grep -c -i replay /out/daemon.log || true) lines of the log"
