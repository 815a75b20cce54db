# shellcheck shell=bash
# What the scenarios share. A scenario is called with a zoned block device and prints, on standard
# output, only what must be the same on every correct device of the same geometry; what it has to
# say to a person goes to standard error. So the outputs for two devices can be compared letter by
# letter. It ends with 0, or says on standard error what is wrong and ends with 1.

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
note() { printf '%s\n' "$*" >&2; }

# use_device DEVICE: sets dev, name, blocks of 512 bytes and what else a scenario wants to know.
use_device() {
    dev="$(readlink -f -- "$1")"
    name="${dev##*/}"
    attached_as="${1##*/}"
    [[ -b $dev ]] || fail "$1 is no block device"
    queue="/sys/block/$name/queue"
    zoned="$(<"$queue/zoned")"
    block_bytes="$(<"$queue/logical_block_size")"
    zone_sectors="$(<"$queue/chunk_sectors")"
    zones="$(<"$queue/nr_zones")"
    max_open="$(<"$queue/max_open_zones")"
    max_active="$(<"$queue/max_active_zones")"
    [[ $zoned == host-managed ]] || fail "$dev is not host-managed but $zoned"
    local summary
    summary="$(blkzone report "$dev" | awk '
        /CONVENTIONAL/ { conventional++ }
        /SEQ_WRITE/ && !capacity { match($0, /cap 0x[0-9a-f]+/); capacity = substr($0, RSTART + 4, RLENGTH - 4) }
        END { print conventional + 0, capacity }')"
    read -r conventional capacity_hex <<<"$summary"
    capacity_sectors=$((capacity_hex))
}

# Zone number -> first sector, for blkzone and for dd (in blocks of the device).
sector_of() { printf '%d' $(($1 * zone_sectors)); }

# report: one line for each run of zones alike. The write pointer of a zone that has none that
# counts (full, read-only, offline, conventional) is left out: devices may say what they like there.
# With HOST_REPORTS=1 the host compares each report with what the daemon itself says, before the
# scenario goes on: /out/reports/N.zones is the question (the device's name, then the report), N.seen
# its answer.
report() {
    local raw
    raw="$(blkzone report "$dev")"
    if [[ -n ${HOST_REPORTS:-} ]]; then show_host "$raw"; fi
    check_agreement
    awk '
        function hex(field) { match($0, field " 0x[0-9a-f]+"); return substr($0, RSTART + length(field) + 1, RLENGTH - length(field) - 1) }
        { match($0, /zcond:[ 0-9]+\([a-z]+\)/); condition = substr($0, RSTART, RLENGTH); gsub(/.*\(|\)/, "", condition)
          match($0, /type: [0-9]+\([A-Z_]+\)/); type = substr($0, RSTART, RLENGTH); gsub(/.*\(|\)/, "", type)
          pointer = (condition ~ /fu|ro|of|nw/) ? "-" : hex("wptr")
          line = "len " hex("len") " cap " hex("cap") " wptr " pointer " " condition " " type
          if (line != run) { if (run != "") printf "  zones %d-%d: %s\n", first, NR - 2, run; first = NR - 1; run = line } }
        END { printf "  zones %d-%d: %s\n", first, NR - 1, run }' <<<"$raw"
}

show_host() {
    local number asked
    mkdir -p /out/reports
    # Counted over all scenarios of this boot, each of which is a process of its own.
    asked=(/out/reports/*.zones)
    number=1
    if [[ -e ${asked[0]} ]]; then number=$((${#asked[@]} + 1)); fi
    printf '%s\n%s\n' "$attached_as" "$1" >"/out/reports/$number.new"
    mv "/out/reports/$number.new" "/out/reports/$number.zones"
    await_host "/out/reports/$number.seen"
}

# await_host FILE: waits until the host has made this file.
await_host() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        if [[ -e $1 ]]; then return; fi
        sleep 0.05
    done
    fail "the host does not answer (${1##*/})"
}

# conditions: how many zones are in which condition, where the choice of the zone is the device's.
conditions() {
    blkzone report "$dev" | sed -n 's/.*zcond:[ 0-9]*(\([a-z]*\)).*/\1/p' | sort | uniq -c | awk '{ printf "  %s %s\n", $2, $1 }'
}

# attempt COMMAND...: says the command, what it printed and how it ended, without the device's name.
attempt() {
    local output status=0 shown="$*"
    output="$("$@" 2>&1)" || status=$?
    printf '> %s\n' "${shown//"$dev"/DEV}"
    # dd's summary has times in it, and an error's place in dd's own source is none of our business.
    sed -e "s|$dev|DEV|g" -e '/records in$/d' -e '/bytes.*copied/d' -e '/^$/d' -e 's/^/  /' <<<"$output"
    [[ $status -eq 0 ]] || printf '  status %d\n' "$status"
}

# write_at SECTOR COUNT [BYTE]: one direct write of COUNT sectors of a repeated byte.
write_at() {
    local sector=$1 count=$2 byte=${3:-a}
    head -c $((count * 512)) /dev/zero | tr '\0' "$byte" >/tmp/pattern
    printf '> write sector %s count %s\n' "$sector" "$count"
    dd if=/tmp/pattern of="$dev" bs=$((count * 512)) count=1 oflag=direct,seek_bytes conv=notrunc \
        seek=$((sector * 512)) iflag=fullblock 2>&1 | sed -n -e "s|$dev|DEV|g" -e 's/^dd: /  /p' || true
}

# checksum SECTOR COUNT
checksum() {
    printf '  sectors %s+%s: %s\n' "$1" "$2" "$(dd if="$dev" bs=$(($2 * 512)) count=1 iflag=direct,skip_bytes,fullblock \
        skip=$(($1 * 512)) 2>/dev/null | md5sum | cut -c1-32)"
}

# without_gap_reads: lines of the kernel's log, but for reads by whoever looks for signatures at the end of a SCSI disk where
# that is a gap zone (docs/scsi.md). The kernel counts in pages here.
without_gap_reads() {
    local start cap
    if [[ $(readlink -f "$dev") != /dev/sd* ]]; then
        cat
        return
    fi
    read -r start cap <<<"$(blkzone report "$dev" 2>/dev/null | tail -n 1 | sed -E 's/.*start: (0x[0-9a-f]+), len 0x[0-9a-f]+, cap (0x[0-9a-f]+).*/\1 \2/')"
    gap=$(((start + cap) / 8)) awk '
        /Buffer I\/O error on dev sd[a-z]+, logical block [0-9]+, async page read/ {
            block = $0
            sub(/.*logical block /, "", block)
            if (block + 0 >= ENVIRON["gap"] + 0) next
        }
        { print }'
}

# mark_log and check_log: no warning, trace or I/O error between the two.
mark_log() {
    log_mark="scenario-$$-$RANDOM"
    echo "<6>$log_mark" >/dev/kmsg
}
check_log() {
    local found
    found="$(dmesg | sed "1,/$log_mark/d" | grep -E 'WARNING|BUG|Oops|Call Trace|I/O error|[Cc]orrupt|hung|rror -[0-9]' | without_gap_reads || true)"
    if [[ -n $found ]]; then
        printf '%s\n' "$found" >&2
        fail "the kernel complained"
    fi
}

reset_all() {
    check_agreement
    blkzone reset "$dev" >/dev/null
}

# With AGREE the device is exported by a daemon in this guest, and the device below says the same of its zones.
check_agreement() {
    if [[ -n ${AGREE:-} ]]; then bash /scenarios/agree.sh "$dev" || fail "see above"; fi
}

# contents: the report, and checksums of the first 16 zones as they read.
contents() {
    report
    local zone
    for ((zone = 0; zone < 16; zone++)); do checksum "$(sector_of "$zone")" "$zone_sectors"; done
}

# fill DIRECTORY SEED KIBIBYTES FILES: files with contents that depend on the seed alone.
fill() {
    local number
    mkdir -p "$1"
    for ((number = 0; number < $4; number++)); do
        yes "$2-$number-abcdefghijklmnopqrstuvwxyz" | head -c $(($3 * 1024)) >"$1/file$number" || true
    done
}

# sums DIRECTORY: checksums of all files below, sorted.
sums() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 md5sum); }
