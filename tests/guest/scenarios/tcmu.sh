# shellcheck shell=bash
# tcmu-runner's file-backed ZBC behind the kernel's own SCSI target, as a disk of this guest's.

# tcmu_create NAME MIB OPTIONS: prints the device. OPTIONS are those of tcmu-runner's file_zbc.
tcmu_create() {
    local target=/sys/kernel/config/target handlers before disk tries naa=naa.5001405a5a5a0001
    modprobe configfs
    mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
    modprobe sd_mod
    modprobe target_core_user
    modprobe tcm_loop
    # Of its handlers this one alone is wanted; others ask for libraries that are not here.
    handlers=/run/tcmu-handlers
    mkdir -p "$handlers" /run/tcmu
    cp /usr/lib/*-linux-gnu/tcmu-runner/handler_file_zbc.so "$handlers/"
    # There is no D-Bus here, and it does without.
    tcmu-runner --handler-path "$handlers" --tcmu-log-dir /out >/out/tcmu-runner.out 2>&1 &
    for ((tries = 0; tries < 200; tries++)); do
        if grep -qs 'Handler\|inited\|handler' /out/tcmu-runner.log; then break; fi
        sleep 0.1
    done
    before="$(ls /sys/block)"
    mkdir -p "$target/core/user_0/$1"
    echo -n "dev_config=zbc/$3@/run/$1.img,dev_size=$(($2 << 20))" >"$target/core/user_0/$1/control"
    echo -n 1 >"$target/core/user_0/$1/enable" || fail "tcmu-runner does not take $1: $(tail -n 5 /out/tcmu-runner.*)"
    mkdir -p "$target/loopback/$naa/tpgt_1/lun/lun_0"
    echo -n "${naa%1}2" >"$target/loopback/$naa/tpgt_1/nexus"
    ln -s "$target/core/user_0/$1" "$target/loopback/$naa/tpgt_1/lun/lun_0/$1"
    for ((tries = 0; tries < 200; tries++)); do
        for disk in /sys/block/sd*; do
            if [[ -e $disk && $(<"$disk/device/model") == TCMU* && -b /dev/${disk##*/} && $(<"$disk/queue/zoned") == host-managed ]]; then
                printf '/dev/%s\n' "${disk##*/}"
                return
            fi
        done
        sleep 0.1
    done
    fail "tcmu-runner made no disk (before: ${before//$'\n'/ }): $(tail -n 5 /out/tcmu-runner.*)"
}
