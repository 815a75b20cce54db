#!/bin/bash
# NVMe over vfio-user behind a virtual IOMMU. Usage: nvme-iommu.sh DEVICE DOMAIN: DOMAIN is how the kernel is to treat the
# controller, DMA (each transfer mapped, and unmapped at once) or identity (iommu=pt).
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-nvme.sh
use_nvme "$1"
domain=$2
mark_log

group="$(readlink -f "/sys/class/nvme/${controller##*/}/device/iommu_group")" || fail "the controller has no IOMMU group"
echo "== $(<"$group/type")"
[[ $(<"$group/type") == "$domain" ]] || fail "the controller's domain is $(<"$group/type"), not $domain"

# verified NAME OPTION...
verified() {
    local job=$1
    shift
    fio --name="$job" --filename="$dev" --direct=1 --zonemode=zbd --rw=write --ioengine=libaio --size=4z \
        --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json "$@" >"/tmp/$job.json" ||
        fail "$job: $(tail -n 5 "/tmp/$job.json")"
    fio_results "/tmp/$job.json" |
        jq -r '.jobs[] | "\(.jobname): errors \(.error) written \(.write.total_ios > 0) verified \(.read.total_ios > 0)"'
}

reset_all
verified large --bs=128k --iodepth=4
reset_all
verified small --bs="$((4 * lba_bytes))" --iodepth=16 --size=2z
reset_all
# The controller gives all its mappings back and makes them anew.
nvme reset "$controller"
await_state "${controller##*/}" live
verified again --bs=64k --iodepth=8
reset_all
check_log
