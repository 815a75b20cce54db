#!/bin/bash
# iSCSI as a stock Linux uses it: open-iscsi's discovery, login in each variant, logout; then a suite on what it logged in
# to. Usage: scsi-iscsi.sh NAME [SUITE ARGUMENT...]: the target of that device, whose logical units become
# /run/attached/NAME.iscsi, one for each device behind it
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-scsi.sh
read -r port iqn lun <<<"$(iscsi_endpoint "$1")"
shift
start_iscsi
mark_log

echo "== discovery"
iscsiadm -m discovery -t sendtargets -p "10.0.2.2:$port" >/tmp/discovered || fail "no discovery"
sed "s/:$port,/:PORT,/" /tmp/discovered
grep -qxF "10.0.2.2:$port,1 $iqn" /tmp/discovered || fail "$iqn is not discovered at 10.0.2.2:$port: $(</tmp/discovered)"
iscsiadm -m node -T "$iqn" -o delete

echo "== login, in each variant"
for settings in "" "node.conn[0].iscsi.HeaderDigest=CRC32C" "node.conn[0].iscsi.DataDigest=CRC32C" \
    "node.conn[0].iscsi.HeaderDigest=CRC32C node.conn[0].iscsi.DataDigest=CRC32C" \
    "node.session.iscsi.InitialR2T=Yes node.session.iscsi.ImmediateData=No" \
    "node.session.iscsi.InitialR2T=Yes node.session.iscsi.ImmediateData=Yes node.session.iscsi.FirstBurstLength=4096 node.session.iscsi.MaxBurstLength=16384 node.conn[0].iscsi.MaxRecvDataSegmentLength=8192"; do
    # shellcheck disable=SC2086
    iscsi_login "$iqn" "$port" $settings
    disk="$(iscsi_disk "$iqn" "$lun")"
    dd if=/dev/urandom of=/tmp/random bs=64k count=4 status=none
    start=0
    if [[ $(<"/sys/block/${disk##*/}/queue/zoned") == host-managed ]]; then
        use_device "$disk"
        blkzone reset "$disk"
        start=$((conventional * zone_sectors * 512))
    fi
    dd if=/tmp/random of="$disk" bs=64k oflag=direct,seek_bytes seek=$start conv=notrunc status=none
    blockdev --flushbufs "$disk"
    cmp -n 262144 -i "0:$start" /tmp/random "$disk" || fail "what was written is not what is read (${settings:-as it comes})"
    iscsiadm -m session -P 2 | sed -n 's/^[[:space:]]*\(HeaderDigest\|DataDigest\|InitialR2T\|ImmediateData\|MaxBurstLength\|FirstBurstLength\): /  \1 /p'
    iscsi_logout "$iqn"
    [[ -z $(iscsi_session "$iqn") ]] || fail "the session outlived its logout"
    echo "${settings:-as it comes}: written and read"
done

echo "== what is not there"
if iscsi_login iqn.2026-11.io.zonewright:nothing "$port" 2>/tmp/nothing; then fail "that is not there"; fi
grep -o 'initiator reported error ([0-9]* - [a-z ]*' /tmp/nothing || fail "$(</tmp/nothing)"
iscsiadm -m node -T iqn.2026-11.io.zonewright:nothing -o delete

iscsi_login "$iqn" "$port"
link_units "$iqn"
for unit in /run/attached/*.iscsi; do
    disk="$(readlink -f "$unit")"
    echo "${unit##*/}: $(<"/sys/block/${disk##*/}/queue/zoned")"
done
check_log
if [[ $# -gt 0 ]]; then bash /scenarios/suite.sh "$@"; fi
if [[ -n ${TOOLS:-} ]]; then
    # shellcheck disable=SC2086
    bash /scenarios/scsi-compare.sh $TOOLS
fi
iscsi_logout "$iqn"
