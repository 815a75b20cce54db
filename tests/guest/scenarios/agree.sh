#!/bin/bash
# Called by lib.sh for each report of a scenario, and before each end of one: the host's device and what is exported
# agree. Usage: agree.sh DEVICE; AGREE is "DEVICE=NAME=HOST".
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
source "${BASH_SOURCE[0]%/*}/lib-nvme.sh"
source "${BASH_SOURCE[0]%/*}/lib-inside.sh"
IFS='=' read -r device name host <<<"$AGREE"
[[ $(readlink -f -- "$device") == "$1" ]] || exit 0
agree "$name" "$host"
