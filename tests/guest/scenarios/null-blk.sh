# shellcheck shell=bash
# Zoned disks in the guest's own memory, made by the kernel's null_blk: what they say is what a
# scenario expects of every other device.

# null_create NAME key=value...: prints the device. Keys are null_blk's: size, zone_size and
# zone_capacity in MiB, zone_nr_conv, zone_max_open, zone_max_active, blocksize in bytes.
null_create() {
    local directory="/sys/kernel/config/nullb/$1" setting
    shift
    [[ -d /sys/kernel/config/nullb ]] || {
        modprobe configfs
        mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
        modprobe null_blk nr_devices=0
    }
    mkdir "$directory"
    for setting in zoned=1 memory_backed=1 "$@"; do
        echo "${setting#*=}" >"$directory/${setting%%=*}"
    done
    echo 1 >"$directory/power"
    # The kernel calls a device that configfs made by the name of its directory.
    printf '/dev/%s\n' "${directory##*/}"
}

null_remove() {
    echo 0 >"/sys/kernel/config/nullb/$1/power"
    rmdir "/sys/kernel/config/nullb/$1"
}

# null_like NAME DEVICE: one of the same geometry and limits.
null_like() (
    use_device "$2"
    null_create "$1" "size=$((zones * zone_sectors / 2048))" "zone_size=$((zone_sectors / 2048))" \
        "zone_capacity=$((capacity_sectors / 2048))" "zone_nr_conv=$conventional" "zone_max_open=$max_open" \
        "zone_max_active=$max_active" "blocksize=$block_bytes"
)
