# shellcheck shell=bash
# A daemon in the guest (run --inside), on devices of the guest's own kernel; on top of lib.sh and lib-nvme.sh. What it
# exports is used by the same kernel over NVMe/TCP and over iSCSI (with lib-scsi.sh), and by the testkit's virtio-blk driver
# over vhost-user.

readonly java=/opt/java/home/bin/java
program=""
export XDG_RUNTIME_DIR=/run/zonewright
configuration=/run/zonewright/daemon.yaml
# Compiling twice is a bad bargain on an emulated processor.
java_options=(-XX:TieredStopAtLevel=1)

# The build's launcher arguments name the place where it was built, and so does what was loaded ahead of time: the guest
# has a copy there, in memory.
prepare_program() {
    [[ -x $java && -e /mnt/inside/testkit.jar ]] || fail "no JVM and program in this guest (run --inside)"
    program="$(sed -n 's/^"-Dzonewright.home=\(.*\)"$/\1/p' /mnt/program/launcher.args)"
    if [[ -e $program/launcher.args ]]; then return; fi
    mkdir -p "$program" "$XDG_RUNTIME_DIR" /run/testkit
    cp -a /mnt/program/{launcher.args,lib,plugins,plugins.d} "$program/"
    if [[ -e /mnt/inside/program.aot ]]; then cp -a /mnt/inside/program.aot "$program/zonewright.aot"; fi
    cp -a /mnt/inside/testkit.jar /run/testkit/
    modprobe nvme_tcp
    host_identity
}

# zonewright ARGUMENT...: a command of the program.
zonewright() { "$java" "${java_options[@]}" "@$program/launcher.args" "$@"; }

# export_device NAME PATH [KEY: VALUE, ...]: adds a device of the host to the configuration.
export_device() {
    [[ -s $configuration ]] || { mkdir -p "${configuration%/*}"; echo 'devices:' >"$configuration"; }
    cat >>"$configuration" <<YAML
  $1:
    backend: { type: linux-zbd, path: $2${3:+, $3} }
    frontends:
      - { type: nvme-zns, transport: tcp, listen: "127.0.0.1:4420" }
      - { type: scsi-zbc, transport: iscsi, listen: "127.0.0.1:3260" }
      - { type: virtio-blk, transport: vhost-user, socket: "/run/zonewright/$1.sock" }
YAML
}

# start_daemon: serves the configuration and waits until it is ready. daemon is its process.
start_daemon() {
    local line
    prepare_program
    rm -f /run/zonewright/ready
    mkfifo /run/zonewright/ready
    "$java" "${java_options[@]}" "@$program/launcher.args" serve "$configuration" >/run/zonewright/ready 2>>/out/daemon.log &
    daemon=$!
    # Waiting in a read takes nothing from the one that is waited for.
    while IFS= read -r line; do
        if [[ $line == 'zonewright ready' ]]; then return; fi
    done </run/zonewright/ready
    fail "the daemon did not become ready: $(tail -n 20 /out/daemon.log)"
}

# stop_daemon: which must end by itself, and well.
stop_daemon() {
    local status=0
    kill -TERM "$daemon"
    wait "$daemon" || status=$?
    [[ $status -eq 0 ]] || fail "the daemon ended with $status: $(tail -n 20 /out/daemon.log)"
}

# kill_daemon: as power would.
kill_daemon() {
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null || true
}

# connect_loop NAME [OPTION...]: the kernel's own host; /run/attached/NAME and NAME.2 are its namespaces. Patient unless
# told otherwise: on a busy machine an emulated one misses the 5 s that a keep alive has by default.
connect_loop() {
    local nqn="nqn.2026-11.io.zonewright:$1" controller
    nvme connect -t tcp -a 127.0.0.1 -s 4420 -n "$nqn" -i 2 --keep-alive-tmo 60 "${@:2}" >&2 || fail "cannot connect to $nqn"
    controller="$(controller_of "$nqn" | grep .)" || fail "no controller of $nqn after connect"
    link_namespaces "$1" "$controller"
}

# Namespaces appear one by one; what a device has tells how many they are.
link_namespaces() {
    ln -sfn "$(await_block "$2" 1)" "/run/attached/$1"
    if nvme list-ns "/dev/$2" | grep -q ':0x2$'; then ln -sfn "$(await_block "$2" 2)" "/run/attached/$1.2"; fi
}

disconnect_loop() { nvme disconnect -n "nqn.2026-11.io.zonewright:$1" >/dev/null; }

# connect_iscsi NAME: the kernel's own initiator; /run/attached/NAME.iscsi is the disk.
connect_iscsi() {
    start_iscsi
    ISCSI_HOST=127.0.0.1 iscsi_login "iqn.2026-11.io.zonewright:$1" 3260 || fail "cannot log in to the target of $1"
    ln -sfn "$(iscsi_disk "iqn.2026-11.io.zonewright:$1" 0)" "/run/attached/$1.iscsi"
}

disconnect_iscsi() {
    rm -f "/run/attached/$1.iscsi"
    iscsi_logout "iqn.2026-11.io.zonewright:$1"
}

# start_driver: the testkit's virtio-blk drivers (io.zonewright.testkit.blk.BlkShell), asked by "ask".
start_driver() {
    mkfifo /run/driver.in /run/driver.out
    "$java" "${java_options[@]}" -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-ReduceAllocationMerges \
        --module-path "$program/lib/modules" --add-modules io.zonewright.posix --enable-native-access=io.zonewright.posix \
        -cp "/run/testkit/testkit.jar:$program/lib/*" io.zonewright.testkit.blk.BlkShell \
        </run/driver.in >/run/driver.out 2>>/out/driver.log &
    # Numbers of their own, so that scripts called from here have them too.
    exec 7>/run/driver.in 8</run/driver.out
}

# ask COMMAND...: prints the driver's answer, the result last.
ask() {
    local line
    printf '%s\n' "$*" >&7
    while IFS= read -r -t 300 line <&8; do
        printf '%s\n' "$line"
        if [[ $line == '= '* ]]; then return; fi
    done
    fail "the driver does not answer: $*; $(tail -n 5 /out/driver.log)"
}

# expect RESULT COMMAND...: the driver's answer must be that.
expect() {
    local answer
    answer="$(ask "${@:2}")"
    [[ ${answer##*$'\n'} == "= $1" ]] || fail "${*:2}: expected \"= $1\", not \"${answer##*$'\n'}\""
}

attach_driver() { expect OK attach "$1" "/run/zonewright/$1.sock"; }

# zone_lines [SHIFT]: what counts of a blkzone report, a line a zone, the start moved up by so many sectors. A write
# pointer that means nothing in the zone's condition is left out.
zone_lines() {
    gawk -v shift="${1:-0}" '
        match($0, /start: 0x([0-9a-f]+), len 0x([0-9a-f]+), cap 0x([0-9a-f]+), wptr 0x([0-9a-f]+) .*zcond: *[0-9]+\(([a-z]+)\) \[type: [0-9]+\(([A-Z_]+)\)/, f) {
            pointer = f[5] ~ /fu|ro|of|nw/ ? "-" : f[4]
            sub(/^0+/, "", pointer)
            printf "%d len %s cap %s wptr %s %s %s\n", strtonum("0x" f[1]) + shift, f[2], f[3], pointer == "" ? 0 : pointer, f[5], f[6]
            next }
        { print "unreadable: " $0 }'
}

# agree NAME HOST: the host device's zones and those of the device exported as NAME are the same, over NVMe/TCP (where
# conventional zones are a namespace of their own, and a smaller last zone is left out), over iSCSI and over vhost-user.
agree() {
    local name=$1 host=$2 conventional exported
    blkzone report "$(readlink -f -- "$host")" | zone_lines >"/tmp/$name.host"
    conventional="$(gawk '$NF == "CONVENTIONAL" { shift = $1 + strtonum("0x" $3) } END { print shift + 0 }' "/tmp/$name.host")"
    if [[ -b /run/attached/$name ]]; then
        # blkzone wants the device's own name.
        blkzone report "$(readlink -f -- "/run/attached/$name")" | zone_lines "$conventional" >"/tmp/$name.nvme"
        gawk -v full="$(head -n 1 "/tmp/$name.host" | cut -d' ' -f3)" '$NF != "CONVENTIONAL" && $3 == full' \
            "/tmp/$name.host" | diff - "/tmp/$name.nvme" >&2 ||
            fail "the zones of $host (<) are not those of $name over NVMe/TCP (>)"
        if ((conventional > 0)); then
            exported="$(blockdev --getsz "/run/attached/$name.2")"
            [[ $exported == "$conventional" ]] || fail "$name.2 has $exported sectors, not $conventional"
        fi
    fi
    if [[ -b /run/attached/$name.iscsi ]]; then
        blkzone report "$(readlink -f -- "/run/attached/$name.iscsi")" | zone_lines >"/tmp/$name.iscsi"
        diff "/tmp/$name.host" "/tmp/$name.iscsi" >&2 || fail "the zones of $host (<) are not those of $name over iSCSI (>)"
    fi
    if [[ -S /run/zonewright/$name.sock && -e /run/driver.in ]]; then
        # Into a file: the shell reads a pipe byte by byte.
        expect "$(wc -l <"/tmp/$name.host")" report "$name" 0 "/tmp/$name.raw"
        zone_lines <"/tmp/$name.raw" >"/tmp/$name.vhost"
        diff "/tmp/$name.host" "/tmp/$name.vhost" >&2 || fail "the zones of $host (<) are not those of $name over vhost-user (>)"
    fi
    echo x >>/run/agreed
}

# How many reports agreed.
agreed() {
    if [[ -e /run/agreed ]]; then wc -l </run/agreed; else echo 0; fi
}
