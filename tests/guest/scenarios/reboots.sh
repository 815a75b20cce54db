#!/bin/bash
# Several reboots: data, conditions and write pointers stay, and writes go on where they stopped. In each life the host
# may look at what the devices cost it between /out/boot.N and /out/seen.N. Usage: reboots.sh TIMES DEVICE...
set -euo pipefail
source /scenarios/lib.sh
times=$1
shift
mark_log
for device in "$@"; do
    use_device "$device"
    first=$conventional
    step=$((block_bytes / 512 * 8))
    if [[ $BOOT == 1 ]]; then
        reset_all
        # Full, and partly written and closed.
        { yes "before the reboot" || true; } | dd of="$dev" bs=256k count=$((capacity_sectors / 512)) iflag=fullblock \
            oflag=direct,seek_bytes conv=notrunc seek=$(($(sector_of "$first") * 512)) 2>/dev/null
        write_at "$(sector_of $((first + 3)))" "$step" c
        blkzone close --offset "$(sector_of $((first + 3)))" --count 1 "$dev"
    else
        contents >/tmp/contents
        diff "/out/$attached_as.$((BOOT - 1))" /tmp/contents >&2 || fail "$attached_as is not as it was before reboot $((BOOT - 1))"
    fi
    # A step further in each life, in a zone that stays open.
    write_at $(($(sector_of $((first + 1))) + (BOOT - 1) * step)) "$step" "$BOOT"
    report >/tmp/report
    grep -q "zones $((first + 1))-$((first + 1)): .* wptr $(printf '0x%06x' $((BOOT * step))) oi" /tmp/report ||
        fail "zone $((first + 1)) of $attached_as: $(</tmp/report)"
    contents >"/out/$attached_as.$BOOT"
done
check_log
touch "/out/boot.$BOOT"
await_host "/out/seen.$BOOT"
if [[ $BOOT -lt $times ]]; then
    reboot
    sleep 120
fi
