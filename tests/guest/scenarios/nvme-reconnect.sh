#!/bin/bash
# The target dies under load and comes back: the session returns by itself and I/O goes on, on a medium that starts
# anew. Once under reads, which end without an error; then under verified writes, which end with one, since what they
# go on from is gone. Usage: nvme-reconnect.sh NAME ROUNDS: connected to over TCP; in each round the host kills and
# restarts the daemon when it sees /out/under-load.N and makes /out/restarted.N.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
rounds=$2
modprobe nvme_tcp
host_identity
only_tcp
controller="$(connect_tcp "$1" --reconnect-delay 1 --keep-alive-tmo 5 --ctrl-loss-tmo 120)"
block="$(await_block "$controller" 1)"
use_nvme "$block"
zone=$((zone_lbas * lba_bytes))

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
    await_state "${controller##*/}" live
}
# new_medium: all of it is empty, and takes data that are verified.
new_medium() {
    echo "empty zones $(nvme zns report-zones "$generic" -S 1 -o json | jq .nr_zones)"
    # By the block layer, which has write pointers of its own for zones that were written: those of the old medium.
    reset_all
    fio --name=after --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 --iodepth=4 --size=4z \
        --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >/tmp/after.json || fail "$(tail -n 5 /tmp/after.json)"
    jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0) verified \(.read.total_ios > 0)"' /tmp/after.json
}

reset_all
write_at 0 64 b
echo "== round 1: reads"
load --rw=randread --bs="$lba_bytes" --read_beyond_wp=1 --runtime=12
sleep 2
killed 1
wait "$load" || fail "reads failed: $(tail -n 5 /tmp/load.json)"
fio_results /tmp/load.json | jq -r '.jobs[] | "errors \(.error) read \(.read.total_ios > 0)"'
new_medium

for ((round = 2; round <= rounds; round++)); do
    echo "== round $round: verified writes"
    reset_all
    # Data that are complete and right before the medium goes.
    fio --name=before --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 --offset=$((40 * zone)) \
        --size=2z --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json >/tmp/before.json || fail "$(tail -n 5 /tmp/before.json)"
    load --rw=write --bs=64k --numjobs=2 --group_reporting --offset_increment=$((8 * zone)) --size=8z --verify=crc32c \
        --verify_backlog=16 --verify_fatal=1 --runtime=120
    await_writes "$name" 100
    killed "$round"
    # Not the runtime: each writer gets an error for a request sent again, and stops at the first.
    for ((tries = 0; tries < 600; tries++)); do
        if ! kill -0 "$load" 2>/dev/null; then break; fi
        sleep 0.1
    done
    ((tries < 600)) || fail "writes on a medium that is gone neither ended nor failed within 60 s"
    if wait "$load"; then fail "writes on a medium that is gone ended well"; fi
    cp /tmp/load.err "/out/load.$round.err"
    # EIO from a write where the new medium's zone does not stand, or EILSEQ from reading back what is no longer there.
    fio_results /tmp/load.json | jq -r '.jobs[] | if (.error == 5 or .error == 84) then "writes ended with an error" else "error \(.error)" end'
    # What was right before is gone, and said to be.
    if fio --name=gone --filename="$dev" --rw=read --bs=64k --ioengine=libaio --direct=1 --offset=$((40 * zone)) --size=$((2 * zone)) \
        --verify=crc32c --verify_fatal=1 --output-format=json >/tmp/gone.json 2>/tmp/gone.err; then fail "data outlived the medium"; fi
    fio_results /tmp/gone.json | jq -r '.jobs[] | "old data: error \(.error)"'
    new_medium
done
nvme disconnect -d "${controller##*/}" >/dev/null
