#!/bin/bash
# The target dies under load and comes back: the session returns by itself and I/O goes on, on a medium that starts anew,
# since this one is in the daemon's memory. Once under reads, which end without an error; then under verified writes, which
# end with one, since what they go on from is gone. Usage: scsi-reconnect.sh NAME ROUNDS: logged in to by iSCSI; in each
# round the host kills and restarts the daemon when it sees /out/under-load.N and makes /out/restarted.N.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-scsi.sh
rounds=$2
read -r port iqn lun <<<"$(iscsi_endpoint "$1")"
start_iscsi
iscsi_login "$iqn" "$port"
session="$(iscsi_session "$iqn")"
disk="$(iscsi_disk "$iqn" "$lun")"
use_device "$disk"
use_scsi "$disk"
zone=$((zone_sectors * 512))
start=$((conventional * zone))

# load OPTION...: zone after zone, in the background; fio's number in $load
load() {
    fio --name=load --filename="$dev" --zonemode=zbd --ioengine=libaio --direct=1 --iodepth=8 --time_based --allow_file_create=0 \
        --output-format=json "$@" >/tmp/load.json 2>/tmp/load.err &
    load=$!
}
# killed ROUND: the host does it, and the session is back
killed() {
    kill -0 "$load" 2>/dev/null || fail "the load ended too early: $(tail -n 5 /tmp/load.json /tmp/load.err)"
    touch "/out/under-load.$1"
    await_host "/out/restarted.$1"
    await_session "$session" LOGGED_IN
}
# new_medium: all of it is empty, and takes data that are verified.
new_medium() {
    echo "zones not empty $(sg_rep_zones --report=0 --num=0 "$generic" | grep -c -E 'Zone condition: (Implicitly|Explicitly|Closed|Full)' || true)"
    # By the block layer, which has write pointers of its own for zones that were written: those of the old medium.
    reset_all
    fio --name=after --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 --iodepth=4 --offset=$start \
        --size=4z --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >/tmp/after.json || fail "$(tail -n 5 /tmp/after.json)"
    fio_results /tmp/after.json | jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0) verified \(.read.total_ios > 0)"'
}

reset_all
write_at $((start / 512)) 64 b
echo "== round 1: reads"
load --rw=randread --bs="$block_bytes" --read_beyond_wp=1 --runtime=20
sleep 2
killed 1
wait "$load" || fail "reads failed: $(tail -n 5 /tmp/load.json)"
fio_results /tmp/load.json | jq -r '.jobs[] | "errors \(.error) read \(.read.total_ios > 0)"'
new_medium

for ((round = 2; round <= rounds; round++)); do
    echo "== round $round: verified writes"
    reset_all
    # Data that are complete and right before the medium goes.
    fio --name=before --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 \
        --offset=$((start + 24 * zone)) --size=2z --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json \
        >/tmp/before.json || fail "$(tail -n 5 /tmp/before.json)"
    load --rw=write --bs=64k --numjobs=2 --group_reporting --offset=$start --offset_increment=$((8 * zone)) --size=8z \
        --verify=crc32c --verify_backlog=16 --verify_fatal=1 --max_open_zones=4 --runtime=120
    await_writes "$name" 100
    killed "$round"
    for ((tries = 0; tries < 600; tries++)); do
        if ! kill -0 "$load" 2>/dev/null; then break; fi
        sleep 0.1
    done
    ((tries < 600)) || fail "writes on a medium that is gone neither ended nor failed within 60 s"
    if wait "$load"; then fail "writes on a medium that is gone ended well"; fi
    # An error from a write where the new medium's zone does not stand (EIO, EREMOTEIO), or EILSEQ from reading back what is
    # no longer there.
    fio_results /tmp/load.json | jq -r '.jobs[] | .error as $error | if [5, 84, 121] | index($error) then "writes ended with an error" else "error \($error)" end'
    # What was right before is gone, and said to be.
    if fio --name=gone --filename="$dev" --rw=read --bs=64k --ioengine=libaio --direct=1 --offset=$((start + 24 * zone)) \
        --size=$((2 * zone)) --verify=crc32c --verify_fatal=1 --output-format=json >/tmp/gone.json 2>/tmp/gone.err; then
        fail "data outlived the medium"
    fi
    fio_results /tmp/gone.json | jq -r '.jobs[] | "old data: error \(.error)"'
    new_medium
done
iscsi_logout "$iqn"
