# shellcheck shell=bash
# Host-managed SCSI disks in the guest's own memory, made by the kernel's scsi_debug. Parameters are the module's, so that
# disks which exist at a time are alike.

# scsi_create DISKS [KEY=VALUE...]: prints the devices, one a line. Keys are scsi_debug's; sizes in MiB.
scsi_create() {
    local before disks tries
    before="$(scsi_disks)"
    modprobe sd_mod
    modprobe scsi_debug zbc=host-managed "add_host=$1" per_host_store=1 ndelay=1000 "${@:2}"
    for ((tries = 0; tries < 100; tries++)); do
        disks="$(comm -13 <(printf '%s\n' "$before") <(scsi_disks))"
        if [[ $(grep -c . <<<"$disks") == "$1" ]]; then
            printf '%s\n' "$disks"
            return
        fi
        sleep 0.1
    done
    fail "scsi_debug made ${disks:-nothing}, not $1 disks"
}

scsi_disks() {
    local disk
    for disk in /sys/block/sd*; do
        if [[ -e $disk && $(<"$disk/device/model") == scsi_debug* && -b /dev/${disk##*/} ]]; then printf '/dev/%s\n' "${disk##*/}"; fi
    done | sort
}

scsi_remove() { modprobe -r scsi_debug; }

# scsi_like DEVICE: one of the same geometry and limit.
scsi_like() (
    use_device "$1"
    scsi_create 1 "dev_size_mb=$((zones * zone_sectors / 2048))" "zone_size_mb=$((zone_sectors / 2048))" \
        "zone_cap_mb=$((capacity_sectors / 2048))" "zone_nr_conv=$conventional" "zone_max_open=$max_open" "sector_size=$block_bytes"
)
