#!/bin/bash
# DH-HMAC-CHAP as a stock host does it: without a secret and with wrong ones nothing is connected; one-way, both ways,
# and once more on a live session. Usage: nvme-auth.sh NAME: connected to over TCP (devices/nvme-auth.yaml).
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
secret=DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:
controller_secret=DHHC-1:02:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PhcdKRQ==:
modprobe nvme_tcp
host_identity
endpoint="$(tcp_endpoint "$1")"
port="${endpoint%% *}"
nqn="${endpoint#* }"

refused() {
    local what=$1
    shift
    if nvme connect -t tcp -a 10.0.2.2 -s "$port" -n "$nqn" "$@" 2>/dev/null; then fail "connected with $what"; fi
    [[ -z $(controller_of "$nqn") ]] || fail "a controller is left after $what"
    echo "refused: $what"
}

# round BLOCK CHARACTER: a write in zone 0 and what is read of it
round() {
    blkzone reset --offset 0 --count 1 "$1"
    head -c 65536 /dev/zero | tr '\0' "$2" >/tmp/data
    dd if=/tmp/data of="$1" bs=64k oflag=direct status=none
    dd if="$1" bs=64k count=1 iflag=direct status=none | cmp - /tmp/data || fail "what was written is not what is read"
}

refused "no secret"
refused "another secret" --dhchap-secret="$(nvme gen-dhchap-key --hmac=1)"
refused "another secret of the controller" --dhchap-secret="$secret" --dhchap-ctrl-secret="$(nvme gen-dhchap-key --hmac=1)"

# Refusals are what the kernel complains of, rightly.
mark_log
controller="$(connect_tcp "$1" --dhchap-secret="$secret")"
round "$(await_block "$controller" 1)" a
nvme disconnect -d "$controller" >/dev/null
echo "connected: one way"

controller="$(connect_tcp "$1" -i 2 --dhchap-secret="$secret" --dhchap-ctrl-secret="$controller_secret")"
block="$(await_block "$controller" 1)"
round "$block" b
echo "connected: both ways"

fio --name=load --filename="$block" --zonemode=zbd --rw=randread --bs=4k --ioengine=libaio --direct=1 --iodepth=4 \
    --read_beyond_wp=1 --time_based --runtime=4 --output-format=json >/tmp/load.json &
load=$!
nvme reset "/dev/$controller"
wait "$load" || fail "reads failed: $(tail -n 5 /tmp/load.json)"
[[ $(<"/sys/class/nvme/$controller/state") == live ]] || fail "the controller is not live after its reset"
round "$block" c
nvme disconnect -d "$controller" >/dev/null
echo "authenticated again after a reset under load"
check_log
