#!/bin/bash
# The network fails under verified load and comes back: nothing is lost and nothing is doubled, also where a request was
# carried out and its answer got lost. Usage: nvme-cut.sh NAME PORT CUTS MODE: connected to over TCP through the host's
# PORT, where the host cuts all connections when it sees /out/cut.N, then makes /out/was-cut.N. MODE: writes, or reads of
# what was written before.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
port=$2 cuts=$3 mode=$4
modprobe nvme_tcp
host_identity
only_tcp
nqn="$(tcp_endpoint "$1" | cut -d' ' -f2)"
nvme connect -t tcp -a 10.0.2.2 -s "$port" -n "$nqn" -i 2 --reconnect-delay 1 --keep-alive-tmo 5 --ctrl-loss-tmo 120 >&2
controller="$(controller_of "$nqn")"
[[ -n $controller ]] || fail "not connected"
use_nvme "$(await_block "$controller" 1)"
zone=$((zone_lbas * lba_bytes))
reset_all
common=(--filename="$dev" --zonemode=zbd --ioengine=libaio --direct=1 --allow_file_create=0 --verify=crc32c --verify_fatal=1
    --output-format=json)
if [[ $mode == reads ]]; then
    fio --name=before "${common[@]}" --rw=write --bs=64k --size=4z --do_verify=0 >/tmp/before.json || fail "$(tail -n 5 /tmp/before.json)"
    load=(--name=reads --rw=randread --bs=64k --size=4z --iodepth=8)
else
    # In the capsule and after an R2T; each with zones of its own, verified soon after.
    load=(--rw=write --iodepth=8 --verify_backlog=32 --size=4z --name=small --bs=8k --name=large --bs=64k --offset=$((8 * zone)))
fi
fio "${common[@]}" --time_based --runtime=$((4 + 4 * cuts)) "${load[@]}" >/tmp/load.json 2>/tmp/load.err &
fio=$!
sleep 2
for ((cut = 1; cut <= cuts; cut++)); do
    kill -0 "$fio" 2>/dev/null || fail "the load ended before cut $cut: $(tail -n 5 /tmp/load.json /tmp/load.err)"
    touch "/out/cut.$cut"
    await_host "/out/was-cut.$cut"
    for ((tries = 0; tries < 600; tries++)); do
        if (($(dmesg | grep -c 'Successfully reconnected') >= cut)); then break; fi
        sleep 0.1
    done
    ((tries < 600)) || fail "no reconnection after cut $cut"
    await_state "${controller##*/}" live
    sleep 0.5
done
status=0
wait "$fio" || status=$?
[[ $status -eq 0 ]] || fail "$mode with $cuts cuts: $(fio_results /tmp/load.json | jq -c '[.jobs[].error]') $(head -n 5 /tmp/load.err)"
fio_results /tmp/load.json | jq -r '.jobs[] | "\(.jobname): errors \(.error) read \(.read.total_ios > 0)"'
reset_all
nvme disconnect -d "${controller##*/}" >/dev/null
