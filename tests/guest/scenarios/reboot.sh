#!/bin/bash
# Writes, reboots, and finds everything as it was; then goes on writing where it had stopped.
# Usage: reboot.sh DEVICE...
set -euo pipefail
source /scenarios/lib.sh
mark_log
for device in "$@"; do
    use_device "$device"
    first=$conventional
    step=$((block_bytes / 512 * 8))
    if [[ $BOOT == 1 ]]; then
        reset_all
        # Full, partly written and open, and partly written and closed.
        { yes "before the reboot" || true; } | dd of="$dev" bs=256k count=$((capacity_sectors / 512)) iflag=fullblock \
            oflag=direct,seek_bytes conv=notrunc seek=$(($(sector_of "$first") * 512)) 2>/dev/null
        write_at "$(sector_of $((first + 1)))" "$step" b
        write_at "$(sector_of $((first + 3)))" "$step" c
        blkzone close --offset "$(sector_of $((first + 3)))" --count 1 "$dev"
        contents >"/out/$attached_as.before"
    else
        contents >"/out/$attached_as.after"
        write_at $(($(sector_of $((first + 1))) + step)) "$step" d
        write_at $(($(sector_of $((first + 3))) + step)) "$step" e
        report >/tmp/report
        grep -q "zones $((first + 1))-$((first + 1)): .* wptr $(printf '0x%06x' $((2 * step))) oi" /tmp/report ||
            fail "zone $((first + 1)) of $attached_as: $(</tmp/report)"
        grep -q "zones $((first + 3))-$((first + 3)): .* wptr $(printf '0x%06x' $((2 * step))) oi" /tmp/report ||
            fail "zone $((first + 3)) of $attached_as: $(</tmp/report)"
        checksum "$(sector_of $((first + 1)))" $((2 * step)) | grep "$({
            head -c $((step * 512)) /dev/zero | tr '\0' b
            head -c $((step * 512)) /dev/zero | tr '\0' d
        } | md5sum | cut -c1-32)" >/dev/null || fail "zone $((first + 1)) of $attached_as does not read as it was written"
    fi
done
check_log
if [[ $BOOT == 1 ]]; then
    reboot
    sleep 120
fi
