#!/bin/bash
# The kit against itself: every scenario on a null_blk, compared with another null_blk. Tells a broken
# kit or an unsuitable kernel from a broken device. Usage: self-test.sh [SCENARIO,...]
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/null-blk.sh
null_create rules-512 size=256 zone_size=4 zone_capacity=3 zone_nr_conv=3 zone_max_open=4 zone_max_active=6 blocksize=512
null_create rules-4k size=256 zone_size=4 zone_max_open=4 zone_max_active=6 blocksize=4096
bash /scenarios/suite.sh "${1:-zone-actions,write-errors,limits,fio}" /dev/rules-512 /dev/rules-4k
null_remove rules-512
null_remove rules-4k
null_create plain-512 size=1024 zone_size=16 zone_capacity=12 zone_max_open=14 zone_max_active=28 blocksize=512
null_create mixed-4k size=1024 zone_size=16 zone_nr_conv=32 zone_max_open=14 zone_max_active=28 blocksize=4096
bash /scenarios/suite.sh "${2:-zonefs,btrfs,xfs,f2fs}" /dev/plain-512 /dev/mixed-4k
