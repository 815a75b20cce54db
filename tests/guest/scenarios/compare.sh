#!/bin/bash
# Runs a scenario on a device and on another one of the same geometry, and compares what they say: QEMU's
# own ZNS controller if there is one under the device's name in /run/reference, for a SCSI disk of at most 256 MiB the kernel's
# scsi_debug, else a null_blk.
# Usage: compare.sh SCENARIO DEVICE [ARGUMENT...]; an ARGUMENT (an ordinary disk) serves both, one after
# the other. Differences go to standard error, both outputs to /out/<scenario>.<device>.{expected,actual}.
set -euo pipefail
directory="${BASH_SOURCE[0]%/*}"
source "$directory/lib.sh"
source "$directory/null-blk.sh"
source "$directory/scsi-debug.sh"
scenario=$1
device=$2
shift 2
base="/out/$scenario.${device##*/}"

# One reference serves a device over all carriers.
reference="/run/reference/${device##*/}"
reference="${reference%.nvme}"
reference="${reference%.tcp}"
if [[ -b $reference ]]; then
    golden=$reference
    called="QEMU's own"
elif [[ $(readlink -f -- "$device") == /dev/sd* && $(blockdev --getsz "$device") -le $((256 << 11)) ]]; then
    golden="$(scsi_like "$device")"
    called=scsi_debug
else
    golden="$(null_like "golden$$" "$device")"
    called=null_blk
fi
started=$SECONDS
HOST_REPORTS="" bash "$directory/$scenario.sh" "$golden" "$@" >"$base.expected" 2>"$base.expected.log" ||
    fail "$scenario on $called: $(tail -n 3 "$base.expected.log")"
case $called in
    null_blk) null_remove "golden$$" ;;
    scsi_debug) scsi_remove ;;
esac
golden_took=$((SECONDS - started))
started=$SECONDS
status=0
bash "$directory/$scenario.sh" "$device" "$@" >"$base.actual" 2>"$base.actual.log" || status=$?
if ! diff -u "$base.expected" "$base.actual" >"$base.diff"; then
    head -n 40 "$base.diff" >&2
    tail -n 5 "$base.actual.log" >&2
    fail "$scenario on ${device##*/} differs from $called"
fi
if [[ $status -ne 0 ]]; then
    tail -n 5 "$base.actual.log" >&2
    fail "$scenario on ${device##*/} ended with $status"
fi
rm -f "$base.diff"
echo "$scenario on ${device##*/}: as $called ($((SECONDS - started)) s; $called $golden_took s)"
