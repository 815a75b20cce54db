# shellcheck shell=bash
# What the NVMe scenarios share, on top of lib.sh.

# use_nvme DEVICE: the namespace's block device is dev; generic is its character device, controller
# the controller's, lba_bytes and zone_lbas what their names say.
use_nvme() {
    dev="$(readlink -f -- "$1")"
    name="${dev##*/}"
    attached_as="${1##*/}"
    [[ $name =~ ^nvme([0-9]+)n([0-9]+)$ ]] || fail "$1 is no NVMe namespace"
    generic="/dev/ng${BASH_REMATCH[1]}n${BASH_REMATCH[2]}"
    [[ -c $generic ]] || fail "no $generic"
    # With native multipath the namespace's number is the subsystem's, not a controller's.
    local path
    for path in "/sys/block/$name/device" "/sys/block/$name/multipath"/nvme*/device; do
        if [[ -e $path/transport ]]; then controller="/dev/$(basename "$(readlink -f "$path")")"; fi
    done
    if [[ -z ${controller:-} ]]; then
        for path in "/sys/block/$name/device"/nvme*; do
            if [[ -e $path/transport ]]; then controller="/dev/${path##*/}"; break; fi
        done
    fi
    [[ -c ${controller:-} ]] || fail "no controller of $dev"
    lba_bytes="$(<"/sys/block/$name/queue/logical_block_size")"
    zone_lbas=$(($(<"/sys/block/$name/queue/chunk_sectors") * 512 / lba_bytes))
}

# say_nvme COMMAND...: like attempt, for nvme-cli: the command and what it said, without names of devices.
say_nvme() {
    local output status=0 shown="nvme $*"
    # zone-mgmt-recv prints what it got as it is, and zeroes in it are no text.
    output="$(set -o pipefail; nvme "$@" 2>&1 | tr -d "\\0")" || status=$?
    shown="${shown//"$generic"/NG}"
    shown="${shown//"$dev"/DEV}"
    printf '> %s\n' "${shown//"$controller"/CTRL}"
    sed -e "s|$generic|NG|g" -e "s|$dev|DEV|g" -e "s|$controller|CTRL|g" -e "s|\b$name\b|NAME|g" \
        -e '/^$/d' -e 's/[[:space:]]*$//' -e 's/^/  /' <<<"$output"
    [[ $status -eq 0 ]] || printf '  status %d\n' "$status"
}

# zone_lba ZONE: its first LBA.
zone_lba() { printf '%d' $(($1 * zone_lbas)); }

# pattern FILE BLOCKS CHARACTER
pattern() { head -c $(($2 * lba_bytes)) /dev/zero | tr '\0' "$3" >"$1"; }

# host_identity: who we are to targets; a guest has no machine identity of its own.
host_identity() {
    mkdir -p /etc/nvme
    echo "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555" >/etc/nvme/hostnqn
    echo "11111111-2222-4333-8444-555555555555" >/etc/nvme/hostid
}

# tcp_endpoint NAME: "PORT NQN" of a device's endpoint over TCP, which the host wrote down.
tcp_endpoint() {
    local name port nqn
    while read -r name port nqn; do
        if [[ $name == "$1" ]]; then
            printf '%s %s\n' "$port" "$nqn"
            return
        fi
    done </exchange/nvme-tcp
    fail "no NVMe/TCP endpoint of $1 is known"
}
tcp_port() {
    local endpoint
    endpoint="$(tcp_endpoint "$1")"
    printf '%s\n' "${endpoint%% *}"
}

# only_tcp: takes our controllers on the PCI bus away, since with another path to the same subsystem I/O might go there.
only_tcp() {
    local path
    for path in /sys/class/nvme/nvme*; do
        if [[ -e $path/transport && $(<"$path/transport") == pcie ]] \
            && grep -q -- " $(<"$path/subsysnqn")\$" /exchange/nvme-tcp; then
            echo 1 >"$path/device/remove"
        fi
    done
}

# connect_tcp NAME [OPTION...]: connects to the endpoint of the device of that name, and prints the controller (nvme1).
connect_tcp() {
    local device=$1 port nqn
    shift
    read -r port nqn <<<"$(tcp_endpoint "$device")"
    nvme connect -t tcp -a 10.0.2.2 -s "$port" -n "$nqn" "$@" >&2 || fail "cannot connect to $nqn ($*)"
    controller_of "$nqn" | grep . || fail "no controller of $nqn after connect"
}

# controller_of NQN: the controller (nvme1) connected to that subsystem, or nothing.
controller_of() {
    local path
    for path in /sys/class/nvme/nvme*; do
        if [[ -e $path/subsysnqn && $(<"$path/subsysnqn") == "$1" && $(<"$path/transport") == tcp ]]; then
            printf '%s\n' "${path##*/}"
            return
        fi
    done
}

# await_block CONTROLLER NSID: prints the block device of a namespace once it is there. Its name does not tell the
# NSID: Linux numbers namespaces as it finds them, several at a time.
await_block() {
    local tries node
    for ((tries = 0; tries < 300; tries++)); do
        for node in "/sys/class/nvme/$1"/nvme*n* /sys/class/nvme-subsystem/nvme-subsys*/nvme*n*; do
            [[ -e $node/nsid && $(<"$node/nsid") == "$2" ]] || continue
            if [[ $node == */nvme-subsys* && ! -e ${node%/*}/$1 ]]; then continue; fi
            node="${node##*/}"
            if [[ $node =~ ^(nvme[0-9]+)c[0-9]+(n[0-9]+)$ ]]; then node="${BASH_REMATCH[1]}${BASH_REMATCH[2]}"; fi
            if [[ -b /dev/$node ]]; then
                printf '/dev/%s\n' "$node"
                return
            fi
        done
        sleep 0.1
    done
    fail "controller $1 shows no namespace $2"
}

# await_writes NAME COUNT: until that many writes to the disk were completed since now.
await_writes() {
    local before now tries
    read -r _ _ _ _ before _ <"/sys/block/$1/stat"
    for ((tries = 0; tries < 600; tries++)); do
        read -r _ _ _ _ now _ <"/sys/block/$1/stat"
        if ((now >= before + $2)); then return; fi
        sleep 0.05
    done
    fail "no writes to $1"
}

# await_state CONTROLLER STATE: until the controller is so (live, connecting).
await_state() {
    local tries
    for ((tries = 0; tries < 900; tries++)); do
        if [[ $(<"/sys/class/nvme/$1/state") == "$2" ]]; then return; fi
        sleep 0.1
    done
    fail "$1 is $(<"/sys/class/nvme/$1/state"), not $2"
}

# fio_results FILE: fio's JSON, without the remarks that it may have put before.
fio_results() { sed -n '/^{/,$p' "$1"; }
