# shellcheck shell=bash
# What the SCSI scenarios share, on top of lib.sh.

# use_scsi DEVICE: the disk's block device is dev; generic is its character device, lba_bytes and zone_lbas what their
# names say. A disk without zones has zone_lbas 0.
use_scsi() {
    dev="$(readlink -f -- "$1")"
    name="${dev##*/}"
    attached_as="${1##*/}"
    [[ $name == sd* ]] || fail "$1 is no SCSI disk"
    modprobe sg
    generic=("/sys/block/$name/device/scsi_generic"/sg*)
    generic="/dev/${generic[0]##*/}"
    [[ -c $generic ]] || fail "no character device of $dev"
    lba_bytes="$(<"/sys/block/$name/queue/logical_block_size")"
    zone_lbas=$(($(<"/sys/block/$name/queue/chunk_sectors") * 512 / lba_bytes))
}

# say_scsi COMMAND...: the command, what it said and how it ended, without what is another on each disk: names of
# devices, serial numbers, addresses.
say_scsi() {
    local output status=0 shown="$*"
    output="$(set -o pipefail; "$@" 2>&1 | tr -d "\\0")" || status=$?
    shown="${shown//"$generic"/SG}"
    printf '> %s\n' "${shown//"$dev"/DEV}"
    sed -e "s|$generic|SG|g" -e "s|$dev|DEV|g" -e 's/0x[0-9a-f]\{16\}\b/NAA/g' -e 's/naa\.[0-9A-F]\{16\}/naa.NAA/' \
        -e 's/\(serial number:\|vendor specific:\( *scsi_debug\)\?\) *[0-9A-F]*/\1 SERIAL/' -e 's/\(Relative target port\|Relative port address\|Target port group\): 0x[0-9a-f]*/\1: N/' \
        -e 's/[[:space:]]*$//' -e '/^$/d' -e 's/^/  /' <<<"$output"
    [[ $status -eq 0 ]] || printf '  status %d\n' "$status"
}

# ---- iSCSI -----------------------------------------------------------------------------------------

readonly initiator=iqn.2026-11.io.zonewright:client

# start_iscsi: open-iscsi's daemon, with times that fit a scenario: what is not answered for 5 s is a dead connection, and
# commands wait two minutes for another.
start_iscsi() {
    if [[ -e /run/iscsid.started ]]; then return; fi
    modprobe -a iscsi_tcp sd_mod
    mkdir -p /run/lock/iscsi /etc/iscsi/nodes /etc/iscsi/send_targets
    echo "InitiatorName=$initiator" >/etc/iscsi/initiatorname.iscsi
    sed -i -e '/^iscsid.startup/d' -e 's/^\(node.session.timeo.replacement_timeout\).*/\1 = 120/' \
        -e 's/^\(node.conn\[0\].timeo.noop_out_interval\).*/\1 = 2/' -e 's/^\(node.conn\[0\].timeo.noop_out_timeout\).*/\1 = 5/' \
        /etc/iscsi/iscsid.conf
    iscsid
    touch /run/iscsid.started
}

# iscsi_endpoint NAME: "PORT IQN LUN" of a device's logical unit, which the host wrote down.
iscsi_endpoint() {
    local name port iqn lun
    while read -r name port iqn lun; do
        if [[ $name == "$1" ]]; then
            printf '%s %s %s\n' "$port" "$iqn" "$lun"
            return
        fi
    done </exchange/iscsi
    fail "no iSCSI endpoint of $1 is known"
}

# iscsi_login IQN PORT [KEY=VALUE...]: a session with the target at that port of the host (ISCSI_HOST: of another one), with
# these settings of the node.
iscsi_login() {
    local iqn=$1 portal="${ISCSI_HOST:-10.0.2.2}:$2" setting
    shift 2
    iscsiadm -m node -T "$iqn" -p "$portal" -o new >/dev/null
    for setting in "$@"; do
        iscsiadm -m node -T "$iqn" -p "$portal" -o update -n "${setting%%=*}" -v "${setting#*=}" || fail "iscsiadm takes no $setting"
    done
    iscsiadm -m node -T "$iqn" -p "$portal" --login >/tmp/login 2>&1 || {
        cat /tmp/login >&2
        return 1
    }
}

iscsi_logout() {
    iscsiadm -m node -T "$1" --logout >/tmp/logout 2>&1 || fail "no logout from $1: $(</tmp/logout)"
    iscsiadm -m node -T "$1" -o delete
}

# iscsi_session IQN: the session (session1) with that target, or nothing.
iscsi_session() {
    local path
    for path in /sys/class/iscsi_session/session*; do
        if [[ -e $path/targetname && $(<"$path/targetname") == "$1" ]]; then
            printf '%s\n' "${path##*/}"
            return
        fi
    done
}

# iscsi_disk IQN LUN: prints the block device of a logical unit once it is there.
iscsi_disk() {
    local tries session node
    for ((tries = 0; tries < 300; tries++)); do
        session="$(iscsi_session "$1")"
        for node in "/sys/class/iscsi_session/${session:-none}/device"/target*/*:"$2"/block/*; do
            if [[ -b /dev/${node##*/} ]]; then
                printf '/dev/%s\n' "${node##*/}"
                return
            fi
        done
        sleep 0.1
    done
    fail "$1 shows no logical unit $2"
}

# await_session SESSION STATE: until it is so (LOGGED_IN, FAILED).
await_session() {
    local tries
    for ((tries = 0; tries < 900; tries++)); do
        if [[ $(<"/sys/class/iscsi_session/$1/state") == "$2" ]]; then return; fi
        sleep 0.1
    done
    fail "$1 is $(<"/sys/class/iscsi_session/$1/state"), not $2"
}

# link_units IQN PREFIX: /run/attached/NAME.iscsi for each device behind that target that the host wrote down.
link_units() {
    local name port iqn lun
    while read -r name port iqn lun; do
        if [[ $iqn == "$1" ]]; then ln -sfn "$(iscsi_disk "$iqn" "$lun")" "/run/attached/$name.iscsi"; fi
    done </exchange/iscsi
}
