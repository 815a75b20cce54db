#!/bin/bash
# Two hosts, each with a name of its own, on one subsystem that only they may use, at the same time; one over IPv6 on
# another subsystem as well. Usage: nvme-hosts.sh one|two: devices/nvme-hosts.yaml
# /out/written, /out/connected, /out/changed and /out/gone pass from guest to guest by the host.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
modprobe nvme_tcp
base=11111111-2222-4333-8444-00000000000
# be LETTER: the host of that name and identifier.
be() {
    mkdir -p /etc/nvme
    echo "nqn.2014-08.org.nvmexpress:uuid:$base$1" >/etc/nvme/hostnqn
    echo "$base$1" >/etc/nvme/hostid
}
# pattern_at SECTOR COUNT BYTE: whether it is there
pattern_at() {
    dd if="$dev" bs=$(($2 * 512)) count=1 iflag=direct,skip_bytes,fullblock skip=$(($1 * 512)) status=none |
        cmp - <(head -c $(($2 * 512)) /dev/zero | tr '\0' "$3") || fail "sector $1 does not read as $3"
}

read -r port nqn <<<"$(tcp_endpoint named)"
case $1 in
    one)
        be c
        echo "== a host that is not on the list"
        status=0
        nvme connect -t tcp -a 10.0.2.2 -s "$port" -n "$nqn" >/tmp/refused 2>&1 || status=$?
        sed 's/^/  /' /tmp/refused
        echo "  status $status"
        dmesg | grep -o 'Connect for subsystem.*is not allowed\|Connect Invalid.*\|Connect command failed.*' | sed 's/^/  kernel: /' | tail -n 2
        [[ -z $(controller_of "$nqn") ]] || fail "a refused host is connected"
        # What it may not use is not shown to it either.
        nvme discover -t tcp -a 10.0.2.2 -s "$port" -o json >/tmp/discovered
        echo "  discovered: $(jq --arg nqn "$nqn" '[.records[] | select(.subnqn == $nqn)] | length' /tmp/discovered)"
        be a
        controller="$(connect_tcp named)"
        use_device "$(await_block "$controller" 1)"
        mark_log
        reset_all
        write_at 0 64 a
        write_at "$(sector_of 1)" 64 a
        blkzone close --offset "$(sector_of 1)" --count 1 "$dev"
        touch /out/written
        await_host /out/changed
        # The other host went on where this one stopped, and filled another zone.
        pattern_at 64 64 b
        blkzone report --count 4 "$dev" | grep -o 'wptr.*zcond:[ 0-9]*([a-z]*)' >/out/zones
        nvme disconnect -d "$controller" >/dev/null
        [[ -z $(controller_of "$nqn") ]] || fail "still connected"
        touch /out/gone
        check_log
        ;;
    two)
        be b
        controller="$(connect_tcp named)"
        use_device "$(await_block "$controller" 1)"
        mark_log
        touch /out/connected
        await_host /out/written
        pattern_at 0 64 a
        write_at 64 64 b
        write_at "$(sector_of 2)" 64 b
        blkzone finish --offset "$(sector_of 2)" --count 1 "$dev"
        blkzone report --count 4 "$dev" | grep -o 'wptr.*zcond:[ 0-9]*([a-z]*)' >/out/zones
        # Under load while the other leaves.
        zone=$((zone_sectors * 512))
        fio --name=load --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 --iodepth=4 \
            --offset=$((8 * zone)) --size=$((4 * zone)) --time_based --runtime=8 --verify=crc32c --verify_backlog=16 \
            --verify_fatal=1 --max_open_zones=1 --output-format=json >/tmp/load.json 2>/tmp/load.err &
        load=$!
        await_writes "$name" 50
        touch /out/changed
        await_host /out/gone
        kill -0 "$load" 2>/dev/null || fail "the load ended before the other host left"
        wait "$load" || fail "verified writes: $(tail -n 5 /tmp/load.json /tmp/load.err)"
        fio_results /tmp/load.json | jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0) verified \(.read.total_ios > 0)"'
        pattern_at 64 64 b
        nvme disconnect -d "$controller" >/dev/null

        echo "== IPv6"
        # QEMU's user network gives the guest an address by router advertisement; the host's loopback is fec0::2.
        for ((tries = 0; tries < 300; tries++)); do
            if ip -6 addr show scope site | grep -q fec0 && ! ip -6 addr show tentative | grep -q fec0; then break; fi
            sleep 0.1
        done
        read -r port nqn <<<"$(tcp_endpoint six)"
        nvme discover -t tcp -a fec0::2 -s "$port" -o json >/tmp/discovered
        jq -r --arg nqn "$nqn" '.records[] | select(.subnqn == $nqn) | "\(.trtype) \(.adrfam) \(.traddr)"' /tmp/discovered
        nvme connect-all -t tcp -a fec0::2 -s "$port"
        controller="$(controller_of "$nqn")"
        use_device "$(await_block "$controller" 1)"
        write_at 0 64 6
        pattern_at 0 64 6
        reset_all
        nvme disconnect -d "$controller" >/dev/null
        check_log
        ;;
esac
