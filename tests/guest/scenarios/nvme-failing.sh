#!/bin/bash
# Zones of a ZNS namespace become read-only and offline under a running guest: states, the changed zone list, status
# codes, and the host's own Offline action. Usage: nvme-failing.sh DEVICE; the host makes zone 4 read-only and 5, 9
# and 10 offline between /out/written and /out/failed.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
use_nvme "$1"
pattern /tmp/a 8 a

expect() { # WHAT FOUND EXPECTED
    [[ $2 == "$3" ]] || fail "$1: $2, not $3"
}
states() { nvme zns report-zones "$generic" -o json | jq -r '[.zone_list[0:12][].state] | map(tostring) | join(" ")'; }
status_of() { # COMMAND...: the status code that nvme-cli shows, or 0
    local output
    output="$(nvme "$@" 2>&1)" && echo 0x0 && return
    sed -n 's/.*(\(0x[0-9a-f]*\))$/\1/p' <<<"$output"
}
bytes=$((8 * lba_bytes))

nvme zns list | grep -q "$name" || fail "nvme zns list does not show $name"
nvme zns id-ctrl "$controller" | grep -qE '^zasl *: [0-9]+$' || fail "no ZASL"
nvme zns changed-zone-list "$controller" -n 1 >/dev/null
expect "changes before" "$(nvme zns changed-zone-list "$controller" -n 1 -o json | jq .nrzid)" 0
nvme write "$generic" -s "$(zone_lba 4)" -c 7 -z $bytes -d /tmp/a 2>/dev/null
nvme write "$generic" -s "$(zone_lba 5)" -c 7 -z $bytes -d /tmp/a 2>/dev/null
before="$(states)"
note "$before"
touch /out/written
await_host /out/failed

after="$(states)"
note "$after"
[[ $before != "$after" ]] || fail "no zone changed: $after"
nvme zns changed-zone-list "$controller" -n 1 -o json >/out/changed
expect "zones changed" "$(jq .nrzid /out/changed)" 4
nvme zns changed-zone-list "$controller" -n 1 -o json >/out/changed.again
expect "after it was read" "$(jq .nrzid /out/changed.again)" 0
expect "write to read-only" "$(status_of write "$generic" -s $(($(zone_lba 4) + 8)) -c 7 -z $bytes -d /tmp/a)" 0x41ba
expect "append to read-only" "$(status_of zns zone-append "$generic" -s "$(zone_lba 4)" -z $bytes -d /tmp/a)" 0x41ba
expect "reset of read-only" "$(status_of zns reset-zone "$generic" -s "$(zone_lba 4)")" 0x41bf
expect "read of read-only" "$(status_of compare "$generic" -s "$(zone_lba 4)" -c 7 -z $bytes -d /tmp/a)" 0x0
expect "write to offline" "$(status_of write "$generic" -s $(($(zone_lba 5) + 8)) -c 7 -z $bytes -d /tmp/a)" 0x41bb
expect "read of offline" "$(status_of read "$generic" -s "$(zone_lba 5)" -c 7 -z $bytes)" 0x41bb
expect "reset of offline" "$(status_of zns reset-zone "$generic" -s "$(zone_lba 5)")" 0x41bf
expect "offline of empty" "$(status_of zns offline-zone "$generic" -s "$(zone_lba 6)")" 0x41bf
expect "offline of read-only" "$(status_of zns offline-zone "$generic" -s "$(zone_lba 4)")" 0x0
expect "read of what is offline now" "$(status_of read "$generic" -s "$(zone_lba 4)" -c 7 -z $bytes)" 0x41bb
expect "offline zones" "$(nvme zns report-zones "$generic" -S 7 -o json | jq .nr_zones)" 4
expect "the zone beside" "$(status_of write "$generic" -s "$(zone_lba 6)" -c 7 -z $bytes -d /tmp/a)" 0x0
