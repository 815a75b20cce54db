#!/bin/bash
# The network fails under verified load and comes back: nothing is lost and nothing is doubled, also where a command was
# carried out and its answer got lost. Usage: scsi-cut.sh NAME PORT CUTS MODE: logged in to by iSCSI through the host's
# PORT, where the host cuts all connections when it sees /out/cut.N, then makes /out/was-cut.N. MODE: writes, or reads of
# what was written before. The disk has zones of 16 MiB.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-scsi.sh
port=$2 cuts=$3 mode=$4
read -r _ iqn lun <<<"$(iscsi_endpoint "$1")"
start_iscsi
iscsi_login "$iqn" "$port"
session="$(iscsi_session "$iqn")"
disk="$(iscsi_disk "$iqn" "$lun")"
use_device "$disk"
zone=$((zone_sectors * 512))
start=$((conventional * zone))
reset_all
common=(--filename="$dev" --zonemode=zbd --ioengine=libaio --direct=1 --allow_file_create=0 --verify=crc32c --verify_fatal=1
    --output-format=json)
if [[ $mode == reads ]]; then
    fio --name=before "${common[@]}" --rw=write --bs=64k --offset=$start --size=4z --do_verify=0 >/tmp/before.json ||
        fail "$(tail -n 5 /tmp/before.json)"
    load=(--time_based --runtime=$((4 + 6 * cuts)) --name=reads --rw=randread --bs=64k --offset=$start --size=4z --iodepth=8)
else
    # As immediate data and after an R2T; each with zones of its own, verified soon after. Slow enough to last, and without
    # a zone reset: Linux sends no zone command again whose answer it did not get.
    load=(--rw=write --iodepth=8 --verify_backlog=32 --size=3z --name=small --bs=8k --rate=,2m --offset=$start
        --name=large --bs=512k --rate=,2m --offset=$((start + 8 * zone)))
fi
fio "${common[@]}" "${load[@]}" >/tmp/load.json 2>/tmp/load.err &
fio=$!
sleep 2
for ((cut = 1; cut <= cuts; cut++)); do
    kill -0 "$fio" 2>/dev/null || fail "the load ended before cut $cut: $(tail -n 5 /tmp/load.json /tmp/load.err)"
    touch "/out/cut.$cut"
    await_host "/out/was-cut.$cut"
    for ((tries = 0; tries < 600; tries++)); do
        if (($(dmesg | grep -c 'detected conn error') >= cut)); then break; fi
        sleep 0.1
    done
    ((tries < 600)) || fail "the initiator did not notice cut $cut"
    await_session "$session" LOGGED_IN
    sleep 0.5
done
status=0
wait "$fio" || status=$?
[[ $status -eq 0 ]] || fail "$mode with $cuts cuts: $(sed -n '/^{/,$p' /tmp/load.json | jq -c '[.jobs[].error]') $(head -n 5 /tmp/load.err)"
sed -n '/^{/,$p' /tmp/load.json | jq -r '.jobs[] | "\(.jobname): errors \(.error) read \(.read.total_ios > 0)"'
reset_all
iscsi_logout "$iqn"
