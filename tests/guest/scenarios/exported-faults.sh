#!/bin/bash
# What happens to devices of this guest's kernel while a daemon in the guest exports them, and what its front-ends say of
# it: zones that become read-only and offline, bad blocks, commands that time out, errors of a SCSI disk, devices that go
# away under load. What was acknowledged stays, and the others go on. Prints a line for each part. Run --inside.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
source /scenarios/lib-inside.sh
source /scenarios/null-blk.sh
source /scenarios/scsi-debug.sh
source /scenarios/host-devices.sh

nulls=/sys/kernel/config/nullb
# A bare device of 4 KiB blocks without limits for each part, so that no part sees what another left.
for name in zones bad gone; do
    null_create "$name" size=128 zone_size=4 zone_nr_conv=1 blocksize=4096 >/dev/null
    ln -s "/dev/$name" "/run/host-$name"
done
# The kernel gives up on a request after 5 s, and this device needs 7.
null_create slow size=128 zone_size=4 zone_nr_conv=1 memory_backed=0 irqmode=2 completion_nsec=7000000000 >/dev/null
ln -s /dev/slow /run/host-slow
host_devices scsi-4k
for name in zones bad gone slow scsi-4k; do export_device "$name" "$(host_of "$name")"; done
start_daemon
start_driver
for name in zones bad gone scsi-4k; do
    attach_driver "$name"
    connect_loop "$name"
    agree "$name" "/run/host-$name"
done
attach_driver slow

# status_of COMMAND...: the NVMe status code that nvme-cli shows, without the bit Do Not Retry; 0x0 if it went well.
status_of() {
    local output code
    output="$(nvme "$@" 2>&1)" && echo 0x0 && return
    code="$(sed -n 's/.*(\(0x[0-9a-f]*\))$/\1/p' <<<"$output")"
    [[ -n $code ]] || { echo "$output"; return; }
    printf '0x%x\n' $((code & ~0x4000))
}
expect_nvme() { # STATUS COMMAND...
    local found
    found="$(status_of "${@:2}")"
    [[ $found == "$1" ]] || fail "nvme ${*:2}: expected $1, not $found"
}
# Sectors of zone N of the devices with zones of 4 MiB, of which the first is conventional: bare, and over vhost-user.
zone() { printf '%d' $(($1 * 8192)); }
# The LBA of 4 KiB over NVMe, where the namespace begins with the first sequential zone.
lba() { printf '%d' $((($1 - 1) * 1024)); }
head -c 32768 /dev/zero | tr '\0' n >/tmp/a

echo "== zones that are read-only and offline"
use_nvme /run/attached/zones
expect "OK 1024" stream zones "$(zone 4)" 1024 4
expect "OK 1024" stream zones "$(zone 5)" 1024 5
zone 4 >$nulls/zones/zone_readonly
for number in 5 9; do zone $number >$nulls/zones/zone_offline; done
agree zones /dev/zones
[[ $(gawk '$8 == "ro" { r++ } $8 == "of" { o++ } END { print r + 0, o + 0 }' /tmp/zones.vhost) == "1 2" ]] ||
    fail "not one read-only zone and two offline ones: $(</tmp/zones.vhost)"
expect OK check zones "$(zone 4)" 1024 4
expect ZONE_INVALID_CMD write zones $(($(zone 4) + 1024)) 8 4
expect ZONE_INVALID_CMD append zones "$(zone 4)" 8 4
expect ZONE_INVALID_CMD reset zones "$(zone 4)"
expect ZONE_INVALID_CMD finish zones "$(zone 4)"
expect ZONE_INVALID_CMD read zones "$(zone 5)" 8
expect ZONE_INVALID_CMD write zones $(($(zone 5) + 1024)) 8 5
expect ZONE_INVALID_CMD reset zones "$(zone 9)"
expect_nvme 0x0 read "$generic" -s "$(lba 4)" -c 7 -z 32768 -d /tmp/read
expect_nvme 0x1ba write "$generic" -s $(($(lba 4) + 128)) -c 7 -z 32768 -d /tmp/a
expect_nvme 0x1ba zns zone-append "$generic" -s "$(lba 4)" -z 32768 -d /tmp/a
expect_nvme 0x1bf zns reset-zone "$generic" -s "$(lba 4)"
expect_nvme 0x1bb read "$generic" -s "$(lba 5)" -c 7 -z 32768 -d /tmp/read
expect_nvme 0x1bb write "$generic" -s "$(lba 9)" -c 7 -z 32768 -d /tmp/a
expect_nvme 0x1bf zns reset-zone "$generic" -s "$(lba 9)"
expect_nvme 0x0 write "$generic" -s "$(lba 6)" -c 7 -z 32768 -d /tmp/a
agree zones /dev/zones
echo "zones: good"

echo "== zones that fail while nobody has asked since"
# The daemon has no report of these; the failing access itself must find out.
zone 11 >$nulls/zones/zone_readonly
zone 12 >$nulls/zones/zone_offline
expect ZONE_INVALID_CMD write zones "$(zone 11)" 8 4
expect ZONE_INVALID_CMD read zones "$(zone 12)" 8
zone 13 >$nulls/zones/zone_readonly
zone 14 >$nulls/zones/zone_offline
expect_nvme 0x1ba write "$generic" -s "$(lba 13)" -c 7 -z 32768 -d /tmp/a
expect_nvme 0x1bb read "$generic" -s "$(lba 14)" -c 7 -z 32768 -d /tmp/read
agree zones /dev/zones
echo "late zones: good"

echo "== a write behind the daemon's back"
dd if=/tmp/a of=/dev/zones bs=32k count=1 oflag=direct,seek_bytes conv=notrunc seek=$(($(zone 16) * 512)) status=none
expect ZONE_UNALIGNED_WP write zones "$(zone 16)" 8 16
agree zones /dev/zones
expect OK write zones $(($(zone 16) + 64)) 8 16
agree zones /dev/zones
echo "behind the back: good"

echo "== bad blocks"
use_nvme /run/attached/bad
expect "OK 2048" stream bad "$(zone 2)" 2048 2
echo "+$(($(zone 2) + 1024))-$(($(zone 2) + 1031))" >$nulls/bad/badblocks
expect IOERR read bad $(($(zone 2) + 1024)) 8
expect OK check bad "$(zone 2)" 1024 2
expect OK check bad $(($(zone 2) + 1032)) 1016 2
expect_nvme 0x281 read "$generic" -s $(($(lba 2) + 128)) -c 0 -z 4096 -d /tmp/read
expect_nvme 0x0 read "$generic" -s $(($(lba 2) + 129)) -c 0 -z 4096 -d /tmp/read
echo "+$(($(zone 3) + 512))-$(($(zone 3) + 519))" >$nulls/bad/badblocks
answer="$(ask stream bad "$(zone 3)" 2048 3)"
[[ $answer == '= IOERR '* ]] || fail "writes on bad blocks: $answer"
acknowledged="${answer##* }"
((acknowledged >= 512 - 128)) || fail "only $acknowledged sectors were acknowledged"
agree bad /dev/bad
expect OK check bad "$(zone 3)" "$acknowledged" 3
echo "+$(zone 7)-$(($(zone 7) + 7))" >$nulls/bad/badblocks
expect_nvme 0x280 write "$generic" -s "$(lba 7)" -c 0 -z 4096 -d /tmp/a
agree bad /dev/bad
for first in "$(($(zone 2) + 1024))" "$(($(zone 3) + 512))" "$(zone 7)"; do echo "-$first-$((first + 7))" >$nulls/bad/badblocks; done
expect OK check bad "$(zone 2)" 2048 2
# From where the device stands now, the zone goes on.
at="$(blkzone report /dev/bad | zone_lines | gawk -v start="$(zone 3)" '$1 == start { print strtonum("0x" $7) }')"
expect "OK 1024" stream bad $(($(zone 3) + at)) 1024 33
expect OK check bad $(($(zone 3) + at)) 1024 33
expect OK check bad "$(zone 3)" "$acknowledged" 3
agree bad /dev/bad
echo "bad blocks: good"

echo "== commands that time out"
started=$SECONDS
printf 'read slow 0 8\n' >&7
# The others do not wait for it.
use_nvme /run/attached/zones
expect_nvme 0x0 read "$generic" -s "$(lba 20)" -c 7 -z 32768 -d /tmp/read
((SECONDS - started < 5)) || fail "the other device waited $((SECONDS - started)) s"
read -r -t 120 answer <&8 || fail "a read that times out is not answered"
[[ $answer == '= IOERR' ]] || fail "a read that times out: $answer"
((SECONDS - started >= 5)) || fail "after $((SECONDS - started)) s already"
note "timed out after $((SECONDS - started)) s"
echo "time-outs: good"

echo "== errors of a SCSI disk"
# Blocks of 4 KiB, zones of 16 MiB, none conventional. scsi_debug's "error" takes TYPE COUNT OPCODE ...: 2 answers with
# a status and sense, 0 never answers; a negative count is how often.
disk="$(basename "$(host_of scsi-4k)")"
errors=(/sys/kernel/debug/scsi_debug/*/error)
# The kernel asks again after most of these; here the first answer counts.
for file in "/sys/block/$disk/device/scsi_disk"/*/max_retries; do echo 0 >"$file"; done
use_nvme /run/attached/scsi-4k
expect "OK 4096" stream scsi-4k 0 4096 1
echo "2 -1 0x88 0x0 0x0 0x2 0x3 0x11 0x0" >"${errors[0]}" # READ(16): medium error, unrecovered read error
expect IOERR read scsi-4k 0 8
expect OK check scsi-4k 0 4096 1
echo "2 -1 0x88 0x0 0x0 0x2 0x3 0x11 0x0" >"${errors[0]}"
expect_nvme 0x281 read "$generic" -s 0 -c 0 -z 4096 -d /tmp/read
echo "2 -1 0x8a 0x0 0x0 0x2 0x3 0x0c 0x0" >"${errors[0]}" # WRITE(16): medium error, write error
expect IOERR write scsi-4k 4096 8 1
agree scsi-4k "$(host_of scsi-4k)"
expect "OK 1024" stream scsi-4k 4096 1024 1
echo "2 -1 0x8a 0x0 0x0 0x2 0x3 0x0c 0x0" >"${errors[0]}"
expect_nvme 0x280 write "$generic" -s 640 -c 0 -z 4096 -d /tmp/a
expect_nvme 0x0 write "$generic" -s 640 -c 7 -z 32768 -d /tmp/a
echo "2 -1 0x94 0x0 0x0 0x2 0x4 0x44 0x0" >"${errors[0]}" # zone actions: hardware error, internal target failure
expect IOERR finish scsi-4k 0
agree scsi-4k "$(host_of scsi-4k)"
expect OK finish scsi-4k 0
expect OK check scsi-4k 0 5120 1
# A write that the disk never answers: the kernel gives up after two seconds, and the command ends.
echo 2 >"/sys/block/$disk/device/timeout"
echo "0 -1 0x8a" >"${errors[0]}"
expect IOERR write scsi-4k 32768 8 2
agree scsi-4k "$(host_of scsi-4k)"
expect "OK 1024" stream scsi-4k 32768 1024 2
expect OK check scsi-4k 32768 1024 2
agree scsi-4k "$(host_of scsi-4k)"
echo "scsi errors: good"

echo "== devices that go away under load"
use_nvme /run/attached/gone
expect "OK 4096" stream gone "$(zone 1)" 4096 1
fio --name=load --filename="$dev" --zonemode=zbd --rw=randread --read_beyond_wp=1 --bs=4k --ioengine=libaio --direct=1 \
    --iodepth=8 --time_based --runtime=30 --output-format=json >/tmp/load.json 2>&1 &
load=$!
printf 'stream gone %s 122880 9\n' "$(zone 8)" >&7
sleep 1
echo 0 >$nulls/gone/power
read -r -t 120 answer <&8 || fail "no answer after the device went away"
[[ $answer == '= IOERR '* ]] || fail "writes to a device that went away: $answer"
if wait $load; then fail "reads of a device that went away were good"; fi
expect IOERR read gone "$(zone 1)" 8
expect IOERR write gone "$(zone 3)" 8 1
expect_nvme 0x281 read "$generic" -s "$(lba 1)" -c 0 -z 4096 -d /tmp/read
echo 1 >"/sys/block/$disk/device/delete"
expect IOERR read scsi-4k 0 8
kill -0 "$daemon" || fail "the daemon has ended"
use_nvme /run/attached/bad
expect_nvme 0x0 read "$generic" -s "$(lba 2)" -c 7 -z 32768 -d /tmp/read
expect OK check bad "$(zone 2)" 2048 2
agree bad /dev/bad
echo "removal: good"

for name in zones bad gone scsi-4k; do disconnect_loop "$name"; done
stop_daemon
echo "$(agreed) reports agreed"
