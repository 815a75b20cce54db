#!/bin/bash
# sg3_utils on a host-managed SCSI disk: what they say, in order, each command's answer below it. scsi-compare.sh runs it
# on two disks. Usage: scsi-tools.sh DEVICE (16 sequential zones, 4 open)
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
source "${BASH_SOURCE[0]%/*}/lib-scsi.sh"
use_device "$1"
use_scsi "$1"
first=$conventional
z() { printf '0x%x' $((($first + $1) * zone_lbas)); }
capacity_lbas=$((capacity_sectors * 512 / lba_bytes))

# zones OPTION...: a report by sg_rep_zones, and what it says of itself.
zones() { say_scsi sg_rep_zones "$@" "$generic"; }
head -c "$lba_bytes" /dev/zero | tr '\0' w >/tmp/block
head -c $((8 * lba_bytes)) /dev/zero | tr '\0' w >/tmp/eight
# sg_write LBA: eight blocks, past the block layer.
sg_write() { say_scsi sg_dd if=/tmp/eight of="$generic" bs="$lba_bytes" seek=$(($1)) count=8 blk_sgio=1 --quiet; }

echo "== who it is"
say_scsi sg_inq "$generic"
say_scsi sg_inq --len=5 "$generic"
for page in 0x00 0x80 0x83 0x86 0xb0 0xb1 0xb2 0xb6 0xb5; do say_scsi sg_vpd --page=$page "$generic"; done
say_scsi sg_luns "$generic"
say_scsi sg_luns --select=1 "$generic"
say_scsi sg_luns --select=2 "$generic"
say_scsi sg_readcap "$generic"
say_scsi sg_readcap --long "$generic"
say_scsi sg_turs --number=3 "$generic"
say_scsi sg_requests "$generic"
say_scsi sg_requests --desc "$generic"

echo "== modes and logs"
say_scsi sg_modes "$generic"
for page in 0x08 0x0a 0x1c 0x3f 0x01; do
    say_scsi sg_modes --page=$page "$generic"
    say_scsi sg_modes --six --page=$page "$generic"
done
for control in 1 2 3; do say_scsi sg_modes --page=0x08 --control=$control "$generic"; done
say_scsi sg_modes --page=0x0a --control=1 "$generic"
say_scsi sg_logs --list "$generic"
for page in 0x00 0x14,0x01 0x2f 0x11; do say_scsi sg_logs --page=$page "$generic"; done

echo "== which commands"
say_scsi sg_opcodes "$generic"
for command in 0x12 0x28 0x2a 0x94 0x95 0x88 0x8a 0x93 0x42 0xff; do say_scsi sg_opcodes --opcode=$command --rctd "$generic"; done
for command in 0x94,1 0x94,2 0x94,3 0x94,4 0x95,0 0x94,0x1f 0x9e,0x10 0x9e,0x12 0x7f,9; do
    say_scsi sg_opcodes --opcode=$command "$generic"
done
say_scsi sg_opcodes --mask --opcode=0x95,0 "$generic"
say_scsi sg_opcodes --tmf "$generic"
say_scsi sg_opcodes --tmf --repd "$generic"

echo "== zones, one in each condition that a host can bring about"
say_scsi sg_reset_wp --all "$generic"
sg_write "$(z 1)"
say_scsi sg_zone --open --zone="$(z 2)" "$generic"
sg_write "$(z 3)"
say_scsi sg_zone --close --zone="$(z 3)" "$generic"
say_scsi sg_zone --finish --zone="$(z 4)" "$generic"
zones
zones --partial
for option in 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x10 0x11 0x3e 0x3f 0x9; do
    zones --report=$option
    zones --report=$option --partial --num=1
done
echo "== from where, and how much of it"
for start in "$(z 2)" "$(printf '0x%x' $(($(z 2) + 5)))" "$(z $((zones - first - 1)))" "$(printf '0x%x' $((zones * zone_lbas)))"; do
    zones --start="$start" --num=2
    zones --start="$start" --num=2 --partial
done
for length in 64 127 128 129 192; do zones --maxlen=$length; done
zones --wp --start="$(z 1)"
zones --find=-em
zones --brief --num=4
zones --statistics

echo "== zone actions, wanted and refused"
for action in open close finish; do
    say_scsi sg_zone --$action --zone="$(printf '0x%x' $(($(z 5) + 1)))" "$generic"
    say_scsi sg_zone --$action --zone="$(printf '0x%x' $((zones * zone_lbas)))" "$generic"
    if ((first > 0)); then say_scsi sg_zone --$action --zone=0 "$generic"; fi
    if ((capacity_lbas < zone_lbas)); then
        say_scsi sg_zone --$action --zone="$(printf '0x%x' $(($(z 5) + capacity_lbas)))" "$generic"
    fi
done
say_scsi sg_reset_wp --zone="$(printf '0x%x' $(($(z 5) + 1)))" "$generic"
say_scsi sg_reset_wp --zone="$(printf '0x%x' $((zones * zone_lbas)))" "$generic"
if ((first > 0)); then say_scsi sg_reset_wp --zone=0 "$generic"; fi
say_scsi sg_reset_wp --zone="$(z 4)" "$generic"
say_scsi sg_zone --sequentialize --zone="$(z 5)" "$generic"
for action in --close --finish --open; do
    say_scsi sg_zone $action --all "$generic"
    zones --report=0x5 --num=3
done
say_scsi sg_reset_wp --all "$generic"
for zone in 0 1 2 3 4; do say_scsi sg_zone --open --zone="$(z $zone)" "$generic"; done
sg_write "$(z 5)"
zones --report=0x3 --num=6
say_scsi sg_reset_wp --all "$generic"

echo "== writes where there is no place for them"
sg_write "$(($(z 0) + 8))"
sg_write "$(($(z 1) - 4))"
if ((first > 0)); then sg_write $((first * zone_lbas - 4)); fi
if ((capacity_lbas < zone_lbas)); then sg_write $(($(z 1) + capacity_lbas)); fi
sg_write $((zones * zone_lbas))
sg_write "$(z 0)"
sg_write "$(z 0)"

echo "== verify, write same, unmap"
say_scsi sg_verify --lba="$(z 0)" --count=8 "$generic"
say_scsi sg_verify --16 --lba="$(z 0)" --count=8 "$generic"
say_scsi sg_verify --lba="$(z 0)" --count=8 --ndo=$((8 * lba_bytes)) --in=/tmp/eight "$generic"
tr w x </tmp/eight >/tmp/other
say_scsi sg_verify --lba="$(z 0)" --count=8 --ndo=$((8 * lba_bytes)) --in=/tmp/other "$generic"
say_scsi sg_verify --lba=$((zones * zone_lbas)) --count=1 "$generic"
say_scsi sg_write_same --lba="$(($(z 0) + 8))" --num=8 --in=/tmp/block --xferlen="$lba_bytes" "$generic"
say_scsi sg_write_same --16 --lba="$(($(z 0) + 16))" --num=8 --in=/tmp/block --xferlen="$lba_bytes" "$generic"
say_scsi sg_write_same --16 --ndob --lba="$(($(z 0) + 24))" --num=8 "$generic"
say_scsi sg_write_same --16 --lba="$(($(z 0) + 64))" --num=8 --in=/tmp/block --xferlen="$lba_bytes" "$generic"
say_scsi sg_write_same --16 --unmap --lba="$(z 0)" --num=8 --in=/dev/zero --xferlen="$lba_bytes" "$generic"
say_scsi sg_unmap --lba="$(z 0)" --num=8 "$generic"
zones --start="$(z 0)" --num=1
say_scsi sg_verify --lba="$(z 0)" --count=24 --ndo=$((24 * lba_bytes)) --in=<(cat /tmp/eight /tmp/eight /tmp/eight) "$generic"
say_scsi sg_get_lba_status --lba="$(z 0)" "$generic"
say_scsi sg_sync "$generic"
say_scsi sg_start --start "$generic"

echo "== persistent reservations"
persist() { say_scsi sg_persist --no-inquiry "$@" "$generic"; }
persist --in --report-capabilities
persist --in --read-keys
persist --out --register --param-sark=0xabc
persist --in --read-keys
persist --in --read-full-status
for type in 1 3 5 6 7 8; do
    persist --out --reserve --param-rk=0xabc --prout-type=$type
    persist --in --read-reservation
    persist --out --release --param-rk=0xabc --prout-type=$type
done
persist --out --reserve --param-rk=0xdef --prout-type=1
persist --out --reserve --param-rk=0xabc --prout-type=2
persist --out --register --param-rk=0xabc --param-sark=0x123
persist --out --reserve --param-rk=0x123 --prout-type=5
persist --out --preempt --param-rk=0x123 --param-sark=0x999 --prout-type=5
persist --out --preempt --param-rk=0x123 --param-sark=0x123 --prout-type=6
persist --in --read-reservation
persist --in --read-full-status
persist --out --clear --param-rk=0x123
persist --in --read-keys
say_scsi sg_turs "$generic"
