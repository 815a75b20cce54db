#!/bin/bash
# sg3_utils on our disks and on the kernel's scsi_debug of the same geometry. Both must say the same letter by letter, but
# for what scsi-tools.GEOMETRY.differences lists: each command whose answer differs, with scsi_debug's lines (<) and ours
# (>). docs/scsi.md says who is right, and why. Usage: scsi-compare.sh GEOMETRY DEVICE [GEOMETRY DEVICE]...
set -euo pipefail
source /scenarios/lib.sh
source /scenarios/lib-scsi.sh
source /scenarios/scsi-debug.sh

# differences EXPECTED ACTUAL: for each command that both were given and that they answer differently: the command, and the
# lines of either. Commands are counted, since one may be given twice.
differences() {
    gawk '
        function flush() { if (title != "") { text[FILENAME_INDEX, ++count[FILENAME_INDEX]] = body; name[FILENAME_INDEX, count[FILENAME_INDEX]] = title } body = "" }
        FNR == 1 { if (NR != 1) flush(); FILENAME_INDEX++; title = "" }
        /^(>|==) / { flush(); title = $0; next }
        { body = body $0 "\n" }
        END { flush()
            for (i = 1; i <= count[1] || i <= count[2]; i++) {
                if (name[1, i] != name[2, i]) { print "not the same commands: " name[1, i] " / " name[2, i]; exit }
                if (text[1, i] == text[2, i]) continue
                print name[1, i]
                print text[1, i] >"/tmp/one"; close("/tmp/one")
                print text[2, i] >"/tmp/two"; close("/tmp/two")
                while (("diff /tmp/one /tmp/two | grep \"^[<>]\"" | getline line) > 0) print line
                close("diff /tmp/one /tmp/two | grep \"^[<>]\"")
            } }' "$1" "$2"
}

failed=0
while [[ $# -gt 0 ]]; do
    geometry=$1 device=$2
    shift 2
    reference="$(scsi_like "$device")"
    # Both have what a new disk has to say out of the way.
    for disk in "$reference" "$device"; do (use_scsi "$disk" && sg_turs "$generic" >/dev/null 2>&1) || true; done
    started=$SECONDS
    bash /scenarios/scsi-tools.sh "$reference" >"/out/scsi-tools.$geometry.expected" 2>"/out/scsi-tools.$geometry.expected.log" ||
        fail "scsi-tools on scsi_debug: $(tail -n 5 "/out/scsi-tools.$geometry.expected.log")"
    scsi_remove
    middle=$SECONDS
    bash /scenarios/scsi-tools.sh "$device" >"/out/scsi-tools.$geometry.${device##*.}.actual" 2>"/out/scsi-tools.$geometry.actual.log" ||
        fail "scsi-tools on ${device##*/}: $(tail -n 5 "/out/scsi-tools.$geometry.actual.log")"
    base="/out/scsi-tools.$geometry.${device##*.}"
    differences "/out/scsi-tools.$geometry.expected" "$base.actual" >"$base.differences"
    commands="$(grep -c '^> ' "$base.actual")"
    if diff -u "/scenarios/scsi-tools.$geometry.differences" "$base.differences" >"$base.diff"; then
        echo "$commands commands on ${device##*/}: as scsi_debug but for what is known ($((middle - started)) + $((SECONDS - middle)) s)"
    else
        head -n 60 "$base.diff" >&2
        echo "$commands commands on ${device##*/}: other differences than known"
        failed=1
    fi
done
exit $failed
