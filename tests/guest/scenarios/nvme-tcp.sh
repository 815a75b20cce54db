#!/bin/bash
# NVMe over TCP as a stock host uses it: discover, connect, connect-all, disconnect; then a suite on what was
# connected. Usage: nvme-tcp.sh NAMES [SUITE ARGUMENT...]: NAMES, separated by commas, become /run/attached/NAME.tcp,
# and NAME.tcp.2 where there is a second namespace.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
IFS=, read -r -a names <<<"$1"
shift
modprobe nvme_tcp
host_identity
only_tcp
mark_log

mapfile -t known < <(sort /exchange/nvme-tcp)
port="$(tcp_port "${names[0]}")"
echo "== discover"
nvme discover -t tcp -a 10.0.2.2 -s "$port" -o json >/tmp/discovered
jq -r '.records[] | "\(.trtype) \(.adrfam) \(.subtype) \(.treq) \(.traddr):\(.trsvcid) \(.subnqn)"' /tmp/discovered
for line in "${known[@]}"; do
    read -r name its_port nqn <<<"$line"
    [[ $its_port == "$port" ]] || continue
    jq -e --arg nqn "$nqn" --arg port "$port" \
        '[.records[] | select(.subnqn == $nqn and .traddr == "10.0.2.2" and .trsvcid == $port and .trtype == "tcp")] | length == 1' \
        /tmp/discovered >/dev/null || fail "$name ($nqn) is not discovered at 10.0.2.2:$port"
done

echo "== connect-all, disconnect-all"
nvme connect-all -t tcp -a 10.0.2.2 -s "$port"
for line in "${known[@]}"; do
    read -r name its_port nqn <<<"$line"
    [[ $its_port == "$port" ]] || continue
    controller="$(controller_of "$nqn")"
    block="$(await_block "$controller" 1)"
    echo "$name: $(<"/sys/block/${block##*/}/queue/zoned")"
done
nvme disconnect-all
for line in "${known[@]}"; do
    read -r name its_port nqn <<<"$line"
    [[ -z $(controller_of "$nqn") ]] || fail "$nqn is still there after disconnect-all"
done

echo "== connect, in each variant"
for options in "-i 1" "-i 2 -Q 16" "--hdr-digest" "--data-digest" "--hdr-digest --data-digest" "--disable-sqflow"; do
    # shellcheck disable=SC2086
    controller="$(connect_tcp "${names[0]}" $options)"
    block="$(await_block "$controller" 1)"
    dd if=/dev/urandom of=/tmp/random bs=64k count=4 status=none
    blkzone reset "$block"
    dd if=/tmp/random of="$block" bs=64k oflag=direct status=none
    cmp -n 262144 /tmp/random "$block" || fail "what was written over TCP is not what is read ($options)"
    echo 3 >/proc/sys/vm/drop_caches
    cmp -n 262144 /tmp/random "$block" || fail "what was written over TCP is not what is read ($options)"
    blkzone reset "$block"
    nvme disconnect -d "$controller" >/dev/null
    echo "$options: 4 x 64 KiB written and read"
done

echo "== a host that asks for what is not there"
if nvme connect -t tcp -a 10.0.2.2 -s "$port" -n nqn.2026-11.io.zonewright:nothing; then fail "that is not there"; fi

for name in "${names[@]}"; do
    controller="$(connect_tcp "$name")"
    block="$(await_block "$controller" 1)"
    ln -sfn "$block" "/run/attached/$name.tcp"
    if nvme list-ns "/dev/$controller" | grep -q ':0x2$'; then
        ln -sfn "$(await_block "$controller" 2)" "/run/attached/$name.tcp.2"
    fi
    echo "$name.tcp connected"
done
check_log

if [[ $# -gt 0 ]]; then bash /scenarios/suite.sh "$@"; fi
for name in "${names[@]}"; do
    use_nvme "/run/attached/$name.tcp"
    nvme reset "$controller"
    await_block "${controller##*/}" 1 >/dev/null
    nvme disconnect -d "${controller##*/}" >/dev/null
    controller=""
done
