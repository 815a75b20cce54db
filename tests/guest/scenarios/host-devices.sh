# shellcheck shell=bash
# The zoned devices of this guest's kernel that the daemon inside exports, by name; on top of null-blk.sh,
# scsi-debug.sh and tcmu.sh.

# host_devices NAME...: makes them; host_of tells where they are. All scsi_debug devices at a time are of one kind.
#   null-512      32 zones of 4 MiB, capacity 3 MiB, 4 open and 6 active, blocks of 512 bytes
#   null-4k       the same with full capacity and blocks of 4096 bytes
#   null-conv     as null-512 with 4 conventional zones
#   null-last     a last zone of 2 MiB, no limits
#   null-slow     as null-4k without limits; what is written is there at once, and answered 20 ms later
#   null-files    1 GiB in zones of 16 MiB, 32 of them conventional, 14 open and 28 active, blocks of 4096 bytes
#   scsi-512      64 zones of 2 MiB, 2 of them conventional, 8 open, blocks of 512 bytes
#   scsi-4k       16 zones of 16 MiB, none conventional, no limit, blocks of 4096 bytes
#   tcmu-512      32 zones of 4 MiB, 2 of them conventional, 8 open, blocks of 512 bytes: tcmu-runner's file behind the
#                 kernel's own SCSI target
#   zns...        QEMU's own controller of that name (run --qemu-zns)
host_devices() {
    local name disk
    for name in "$@"; do
        case $name in
            null-512) null_create "$name" size=128 zone_size=4 zone_capacity=3 zone_max_open=4 zone_max_active=6 blocksize=512 ;;
            null-4k) null_create "$name" size=128 zone_size=4 zone_max_open=4 zone_max_active=6 blocksize=4096 ;;
            null-conv) null_create "$name" size=128 zone_size=4 zone_capacity=3 zone_nr_conv=4 zone_max_open=4 \
                zone_max_active=6 blocksize=512 ;;
            null-last) null_create "$name" size=126 zone_size=4 blocksize=512 ;;
            null-slow) null_create "$name" size=128 zone_size=4 blocksize=4096 irqmode=2 completion_nsec=20000000 ;;
            null-files) null_create "$name" size=1024 zone_size=16 zone_nr_conv=32 zone_max_open=14 zone_max_active=28 \
                blocksize=4096 ;;
            scsi-512) scsi_create 1 dev_size_mb=128 zone_size_mb=2 zone_nr_conv=2 zone_max_open=8 sector_size=512 ;;
            scsi-4k) scsi_create 1 dev_size_mb=256 zone_size_mb=16 zone_nr_conv=0 zone_max_open=0 sector_size=4096 ;;
            tcmu-512) tcmu_create zbc0 128 model-HM/lba-512/zsize-4/conv-2/open-8 ;;
            zns*) ;;
            *) fail "no such host device: $name" ;;
        esac >/tmp/made
        case $name in
            scsi* | tcmu*)
                read -r disk </tmp/made
                ln -sfn "$disk" "/run/host-$name"
                ;;
            null*) ln -sfn "/dev/$name" "/run/host-$name" ;;
            zns*) ln -sfn "$(readlink -f "/run/reference/$name")" "/run/host-$name" ;;
        esac
    done
}

host_of() { readlink -f -- "/run/host-$1"; }
