#!/bin/bash
# One device seen by two guests over two protocols. Usage: shared.sh write|read NAME
# The writer has it as virtio-blk and writes; the reader connects over TCP, sees that, and changes zones
# itself; in the end both say what they see, which must be the same: zones by number and data.
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh

# The first sequential zones, their number counted from the first one, pointers from the zone's start.
say() {
    blkzone report --offset "$first" --count 6 "$dev" | awk -v zone="$zone_sectors" '
        { match($0, /wptr 0x[0-9a-f]+/); pointer = substr($0, RSTART + 5, RLENGTH - 5)
          match($0, /zcond:[ 0-9]+\([a-z]+\)/); condition = substr($0, RSTART, RLENGTH); gsub(/.*\(|\)/, "", condition)
          print NR - 1, condition, condition == "fu" ? "-" : pointer }' >/out/zones
    echo 3 >/proc/sys/vm/drop_caches
    dd if="$dev" bs=1M skip=$((first * 512)) count=$((5 * zone_sectors * 512)) iflag=direct,skip_bytes,count_bytes status=none |
        md5sum >/out/data
}

case $1 in
    write)
        use_device "/run/attached/$2"
        first=$((conventional * zone_sectors))
        reset_all
        dd if=/dev/urandom of=/tmp/data bs=1M count=3 status=none
        dd if=/tmp/data of="$dev" bs=64k seek=$((first * 512)) oflag=direct,seek_bytes conv=notrunc status=none
        dd if=/tmp/data of="$dev" bs=64k seek=$(((first + zone_sectors) * 512)) oflag=direct,seek_bytes conv=notrunc status=none
        blkzone open --offset $((first + 2 * zone_sectors)) --count 1 "$dev"
        touch /out/written
        await_host /out/changed
        say
        ;;
    read)
        modprobe nvme_tcp
        host_identity
        only_tcp
        controller="$(connect_tcp "$2")"
        use_device "$(await_block "$controller" 1)"
        first=0
        touch /out/connected
        await_host /out/written
        # Writes go on where the other guest stopped.
        dd if=/dev/urandom of=/tmp/data bs=64k count=4 status=none
        dd if=/tmp/data of="$dev" bs=64k seek=$((3 << 20)) oflag=direct,seek_bytes conv=notrunc status=none
        blkzone finish --offset "$zone_sectors" --count 1 "$dev"
        blkzone reset --offset $((2 * zone_sectors)) --count 1 "$dev"
        blkzone open --offset $((3 * zone_sectors)) --count 1 "$dev"
        say
        touch /out/changed
        nvme disconnect -d "$controller" >/dev/null
        ;;
esac
