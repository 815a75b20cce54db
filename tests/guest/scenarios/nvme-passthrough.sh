#!/bin/bash
# fio by NVMe passthrough on the namespace's character device: commands as fio writes them, zone appends of
# the kernel left out. Usage: nvme-passthrough.sh DEVICE: a ZNS namespace.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
source "${BASH_SOURCE[0]%/*}/lib-nvme.sh"
use_nvme "$1"
nvme zns reset-zone "$generic" -a >/dev/null
mark_log

pass() { # NAME OPTION...
    local job=$1
    shift
    fio --name="$job" --filename="$generic" --ioengine=io_uring_cmd --cmd_type=nvme --zonemode=zbd --thread=1 \
        --size=4z --output-format=json "$@" >"/tmp/$job.json" || fail "$job: $(tail -n 5 "/tmp/$job.json")"
    jq -r '.jobs[] | "\(.jobname): errors \(.error) read \(.read.total_ios > 0) written \(.write.total_ios > 0)"' "/tmp/$job.json"
}
echo "== written and verified"
pass verified --rw=write --bs=$((16 * lba_bytes)) --iodepth=1 --verify=crc32c --do_verify=1 --verify_fatal=1
echo "== several readers"
pass readers --rw=randread --bs="$lba_bytes" --iodepth=16 --numjobs=2 --io_size=4M --group_reporting
nvme zns reset-zone "$generic" -a >/dev/null
check_log
