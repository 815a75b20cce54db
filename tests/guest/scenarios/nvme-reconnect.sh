#!/bin/bash
# The target dies under load and comes back: the session returns by itself and I/O goes on, on a medium that starts
# anew. Usage: nvme-reconnect.sh NAME: connected to over TCP; the host kills and restarts the daemon when it sees
# /out/under-load and makes /out/restarted.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
modprobe nvme_tcp
host_identity
only_tcp
controller="$(connect_tcp "$1" --reconnect-delay 1 --keep-alive-tmo 5 --ctrl-loss-tmo 120)"
block="$(await_block "$controller" 1)"
use_nvme "$block"
reset_all
write_at 0 64 b

echo "== reads go on while the target is killed and restarted"
fio --name=load --filename="$dev" --zonemode=zbd --rw=randread --bs="$lba_bytes" --ioengine=libaio --direct=1 --iodepth=8 \
    --read_beyond_wp=1 --time_based --runtime=30 --output-format=json >/tmp/load.json &
load=$!
sleep 3
touch /out/under-load
await_host /out/restarted
for ((tries = 0; tries < 600; tries++)); do
    if [[ $(<"/sys/class/nvme/${controller##*/}/state") == live ]]; then break; fi
    sleep 0.1
done
state="$(<"/sys/class/nvme/${controller##*/}/state")"
[[ $state == live ]] || fail "the controller is $state, not live"
wait "$load" || fail "reads failed: $(tail -n 5 /tmp/load.json)"
jq -r '.jobs[] | "errors \(.error) read \(.read.total_ios > 0)"' /tmp/load.json

echo "== a new medium, and it takes new data"
blkzone report "$dev" | grep -c 'zcond: 1(em)'
# By the block layer, which has write pointers of its own for zones that were written: those of the old medium.
reset_all
fio --name=after --filename="$dev" --zonemode=zbd --rw=write --bs=64k --ioengine=libaio --direct=1 --iodepth=4 --size=4z \
    --verify=crc32c --do_verify=1 --output-format=json >/tmp/after.json || fail "$(tail -n 5 /tmp/after.json)"
jq -r '.jobs[] | "errors \(.error) written \(.write.total_ios > 0)"' /tmp/after.json
nvme disconnect -d "${controller##*/}" >/dev/null
