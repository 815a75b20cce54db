#!/bin/bash
# Every subcommand of "nvme zns", and the I/O commands of nvme-cli, on zones in every condition; what they print,
# status codes included. Usage: nvme-zns.sh DEVICE: a ZNS namespace of at least 16 zones, at most 4 open and 6 active,
# with 64 bytes of descriptor extension and two random write areas, of 64 blocks in granules of 8.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
source "${BASH_SOURCE[0]%/*}/lib-nvme.sh"
use_nvme "$1"
pattern /tmp/a 8 a
pattern /tmp/b 8 b
printf 'extension of a zone, padded with dots to sixty-four bytes.......' >/tmp/extension

zns() { say_nvme zns "$@"; }
zones() { say_nvme zns report-zones "$generic" -d "${1:-6}" -s "${2:-0}"; }
capacity="$(nvme zns report-zones "$generic" -d 1 -o json | jq -r '.zone_list[0].cap')"

nvme zns reset-zone "$generic" -a >/dev/null
echo "== identify"
nvme zns id-ns "$generic" | sed -nE 's/^lbafe +[0-9]+: (.*in use.*)/\1/p; /^(zoc|mar|mor|numzrwa|zrwafg|zrwasz|zrwacap) /p'
zones 3

echo "== zone actions, each from each condition"
zns close-zone "$generic" -s 0
zns open-zone "$generic" -s 0
zns open-zone "$generic" -s 0
zns close-zone "$generic" -s 0
zns close-zone "$generic" -s 0
zones 1
zns open-zone "$generic" -s 0
zns finish-zone "$generic" -s 0
zns finish-zone "$generic" -s 0
zns open-zone "$generic" -s 0
zns close-zone "$generic" -s 0
zones 1
zns reset-zone "$generic" -s 0
zns reset-zone "$generic" -s 0
zns finish-zone "$generic" -s 0
zns reset-zone "$generic" -s 0
zns offline-zone "$generic" -s 0
zns open-zone "$generic" -s 1
zns reset-zone "$generic" -s $((zone_lbas * 4096))
zones 1

echo "== writes and appends"
say_nvme write "$generic" -s 0 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s 0 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s 16 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns zone-append "$generic" -s 0 -z $((8 * lba_bytes)) -d /tmp/b
zns zone-append "$generic" -s 8 -z $((8 * lba_bytes)) -d /tmp/b
zones 1
say_nvme compare "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/b
say_nvme compare "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write-zeroes "$generic" -s 16 -c 7
say_nvme write-zeroes "$generic" -s 16 -c 7
say_nvme verify "$generic" -s 0 -c 15
say_nvme flush "$generic"
nvme read "$generic" -s 0 -c 31 -z $((32 * lba_bytes)) 2>/dev/null | md5sum
zones 1
say_nvme read "$generic" -s $((zone_lbas - 4)) -c 7 -z $((8 * lba_bytes))
say_nvme read "$generic" -s $((zone_lbas * 4096)) -c 7 -z $((8 * lba_bytes))
say_nvme write "$generic" -s $((zone_lbas * 4096)) -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns finish-zone "$generic" -s "$(zone_lba 1)"
say_nvme write "$generic" -s "$(zone_lba 1)" -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns zone-append "$generic" -s "$(zone_lba 1)" -z $((8 * lba_bytes)) -d /tmp/a
zns reset-zone "$generic" -s "$(zone_lba 1)"

echo "== the end of a zone"
# Bring the pointer four blocks before the capacity by the largest writes that all devices take.
nvme zns reset-zone "$generic" -a >/dev/null
dd if=/dev/zero of="$dev" bs=$((4 * lba_bytes)) count=$((capacity / 4 - 1)) oflag=direct 2>/dev/null
zones 1
say_nvme write "$generic" -s $((capacity - 4)) -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns zone-append "$generic" -s 0 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s $((capacity - 4)) -c 3 -z $((4 * lba_bytes)) -d /tmp/a
zones 1
say_nvme write "$generic" -s "$capacity" -c 3 -z $((4 * lba_bytes)) -d /tmp/a

echo "== limits"
nvme zns reset-zone "$generic" -a >/dev/null
for zone in 0 1 2 3 4; do zns open-zone "$generic" -s "$(zone_lba "$zone")"; done
zns close-zone "$generic" -s 0
zns close-zone "$generic" -s "$(zone_lba 1)"
zns open-zone "$generic" -s "$(zone_lba 4)"
zns open-zone "$generic" -s "$(zone_lba 5)"
say_nvme write "$generic" -s "$(zone_lba 6)" -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns zone-append "$generic" -s "$(zone_lba 6)" -z $((8 * lba_bytes)) -d /tmp/a
zns open-zone "$generic" -s 0
zones 8

echo "== select all"
zns close-zone "$generic" -a
zones 8
zns finish-zone "$generic" -a
zones 8
zns reset-zone "$generic" -a
zones 8
zns open-zone "$generic" -a
zns offline-zone "$generic" -a
zones 2

echo "== reports"
zns reset-zone "$generic" -a
zns open-zone "$generic" -s "$(zone_lba 1)"
say_nvme write "$generic" -s "$(zone_lba 2)" -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s "$(zone_lba 3)" -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zns close-zone "$generic" -s "$(zone_lba 3)"
zns finish-zone "$generic" -s "$(zone_lba 4)"
for option in 0 1 2 3 4 5 6 7; do zns report-zones "$generic" -S "$option" -d 2; done
zns report-zones "$generic" -d 2 -p
zns report-zones "$generic" -d 2 -s "$(zone_lba 3)" -p
zns report-zones "$generic" -d 2 -s $((zone_lbas + 5))
zns report-zones "$generic" -s $((zone_lbas * 4096)) -d 1
for bytes in 4 60 64 65 128 4096; do
    echo "-- $bytes bytes"
    say_nvme zns zone-mgmt-recv "$generic" -s 0 -z 0 -S 0 -l "$bytes"
done
say_nvme zns zone-mgmt-recv "$generic" -s 0 -z 7 -S 0 -l 4096
say_nvme zns zone-mgmt-recv "$generic" -s 0 -z 0 -S 8 -l 4096
say_nvme zns zone-mgmt-send "$generic" -s 0 -z 0
say_nvme zns zone-mgmt-send "$generic" -s 0 -z 3
say_nvme zns zone-mgmt-send "$generic" -s 0 -z 4
say_nvme zns zone-mgmt-send "$generic" -s 0 -z 12

echo "== descriptor extensions"
zns reset-zone "$generic" -a
zns set-zone-desc "$generic" -s 0 -d /tmp/extension
zns report-zones "$generic" -d 1 -e
zns set-zone-desc "$generic" -s 0 -d /tmp/extension
zns report-zones "$generic" -d 2 -e -s 0
zns reset-zone "$generic" -s 0
zns report-zones "$generic" -d 1 -e

echo "== random write areas"
zns open-zone "$generic" -s 0 -r
zones 1
say_nvme write "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/b
say_nvme write "$generic" -s 0 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
zones 1
zns zrwa-flush-zone "$generic" -l 7
zones 1
zns zrwa-flush-zone "$generic" -l 10
zns zrwa-flush-zone "$generic" -l 15
zones 1
say_nvme compare "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
say_nvme write "$generic" -s 8 -c 7 -z $((8 * lba_bytes)) -d /tmp/a
# One block beyond the area: the pointer moves by what is needed, in granules.
say_nvme write "$generic" -s $((16 + 64)) -c 0 -z "$lba_bytes" -d /tmp/b
zones 1
say_nvme write "$generic" -s $((24 + 128)) -c 0 -z "$lba_bytes" -d /tmp/b
zns zone-append "$generic" -s 0 -z "$lba_bytes" -d /tmp/b
zns open-zone "$generic" -s "$(zone_lba 1)" -r
zns open-zone "$generic" -s "$(zone_lba 2)" -r
zns finish-zone "$generic" -s 0
zones 3
zns open-zone "$generic" -s "$(zone_lba 2)" -r
zns close-zone "$generic" -s "$(zone_lba 2)"
zones 3
zns open-zone "$generic" -s "$(zone_lba 2)"
zns reset-zone "$generic" -a
zones 3
