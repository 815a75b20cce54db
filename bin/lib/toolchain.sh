# Sourced by bin/zonewright and bin/verify: finds a JDK and a Maven that are new enough, or brings
# them as Debian packages into the project's own cache. Needs no root and changes nothing outside
# the cache. Sets JAVA_HOME (exported) and MVN.

readonly JAVA_NEEDED=25
readonly MAVEN_NEEDED=3.8.7

zonewright_root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)"
zonewright_cache="${ZONEWRIGHT_CACHE:-$zonewright_root/.cache}"

# The JVM encodes file names by the locale; in the plain C locale it can name no file that is not ASCII.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
    *[Uu][Tt][Ff]*8*) ;;
    *) export LC_ALL=C.UTF-8 ;;
esac

note() { printf 'zonewright: %s\n' "$*" >&2; }
fail() {
    note "$1"
    exit "${2:-1}"
}

# The feature release of the JDK in directory $1, 0 if there is none. Reads the "release" file that
# every JDK carries, since starting a JVM to ask costs a tenth of a second on each start.
jdk_release() {
    local version
    [[ -x "$1/bin/java" && -r "$1/release" ]] || { echo 0; return; }
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    echo "${version:-0}"
}

# Prints the first JDK >= 25 among JAVA_HOME, the PATH and the usual directories; with "javac" as
# argument only one that can compile.
find_jdk() {
    local tool=${1:-java} on_path candidate
    on_path=$(command -v java || true)
    [[ -z "$on_path" ]] || on_path=$(dirname -- "$(dirname -- "$(readlink -f -- "$on_path")")")
    for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/jdk* "$zonewright_cache"/toolchain/usr/lib/jvm/*; do
        [[ -n "$candidate" && ! -L "$candidate" || "$candidate" == "${JAVA_HOME:-}" ]] || continue
        [[ -x "$candidate/bin/$tool" ]] || continue
        if (($(jdk_release "$candidate") >= JAVA_NEEDED)); then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

# Whether the Maven launcher $1 is new enough.
maven_suits() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -n 1)
    [[ -n "$version" && "$(printf '%s\n' "$MAVEN_NEEDED" "$version" | sort -V | head -n 1)" == "$MAVEN_NEEDED" ]]
}

find_maven() {
    local candidate
    for candidate in "$(command -v mvn || true)" "$zonewright_cache/toolchain/usr/share/maven/bin/mvn"; do
        [[ -n "$candidate" && -x "$candidate" ]] && maven_suits "$candidate" && { echo "$candidate"; return 0; }
    done
    return 1
}

# Unpacks JDK 25 and Maven from Debian into the cache. One tree for both: they share libraries.
fetch_toolchain() {
    note "no $1 found on this machine; fetching it as Debian packages into $zonewright_cache/toolchain (about 250 MB, once)"
    bash "$zonewright_root/bin/lib/debian-tree.sh" --skip-docs --java-cacerts \
        --without 'openjdk-2[0-46-9]*' --without 'default-jre*' --relink 'usr/lib/jvm/*/bin/*' --relink 'usr/lib/jvm/*/lib/jspawnhelper' \
        trixie "$zonewright_cache/toolchain" openjdk-25-jdk-headless maven ca-certificates-java ||
        fail "cannot go on without $1: install a JDK $JAVA_NEEDED or newer (set JAVA_HOME to it) and Maven $MAVEN_NEEDED or newer, then try again" 3
}

# A JDK to run with.
need_java() {
    JAVA_HOME=$(find_jdk java) || { fetch_toolchain "JDK $JAVA_NEEDED"; JAVA_HOME=$(find_jdk java) || fail "the fetched JDK does not work: remove $zonewright_cache/toolchain and try again"; }
    export JAVA_HOME
}

# A JDK and a Maven to build with.
need_build_tools() {
    JAVA_HOME=$(find_jdk javac) || { fetch_toolchain "JDK $JAVA_NEEDED"; JAVA_HOME=$(find_jdk javac) || fail "the fetched JDK does not work: remove $zonewright_cache/toolchain and try again"; }
    export JAVA_HOME
    MVN=$(find_maven) || { fetch_toolchain "Maven $MAVEN_NEEDED"; MVN=$(find_maven) || fail "the fetched Maven does not work: remove $zonewright_cache/toolchain and try again"; }
}

# A C compiler, with which tests ask the C headers for numbers: ZONEWRIGHT_CC (exported).
need_c_compiler() {
    ZONEWRIGHT_CC=$(command -v gcc || true)
    if [[ -z "$ZONEWRIGHT_CC" ]]; then
        local tree="$zonewright_cache/c-compiler" suite
        suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
        # Of this machine's own release: it then runs with this machine's C library as it is.
        bash "$zonewright_root/bin/lib/debian-tree.sh" --skip-docs --without 'perl*' "$suite" "$tree" gcc libc6-dev linux-libc-dev ||
            fail "tests compare numbers with the C headers: install gcc and the kernel's headers, then try again" 3
        ZONEWRIGHT_CC="$zonewright_cache/cc"
        cat >"$ZONEWRIGHT_CC" <<CC
#!/bin/sh
LD_LIBRARY_PATH='$tree/usr/lib/$(uname -m)-linux-gnu' PATH='$tree/usr/bin':\$PATH exec '$tree/usr/bin/gcc' --sysroot='$tree' "\$@"
CC
        chmod +x "$ZONEWRIGHT_CC"
    fi
    export ZONEWRIGHT_CC
    need_kernel_headers
}

# A kernel's headers newer than this machine's, for tests of what old ones do not have yet. Where they cannot be had,
# those tests are skipped and say so.
need_kernel_headers() {
    local tree="$zonewright_cache/kernel-headers"
    [[ "$(uname -m)" == x86_64 ]] || return 0
    if bash "$zonewright_root/bin/lib/debian-tree.sh" --skip-docs trixie-backports,trixie "$tree" 'linux-libc-dev!'; then
        export ZONEWRIGHT_KERNEL_HEADERS="$tree/usr/include"
    else
        note "no newer kernel headers: tests of cached zone reports compare with literals alone"
    fi
}

# libiscsi's programs, which test and measure the iSCSI target: ZONEWRIGHT_LIBISCSI (exported), their directory.
need_libiscsi() {
    local tree="$zonewright_cache/libiscsi"
    # Of one release of Debian wherever this runs: tests/conformance lists what that version does not pass.
    bash "$zonewright_root/bin/lib/debian-tree.sh" --skip-docs --relink 'usr/bin/iscsi-*' trixie "$tree" libiscsi-bin ||
        fail "the iSCSI target is tested with libiscsi's programs, and they could not be fetched (see above)" 3
    export ZONEWRIGHT_LIBISCSI="$tree/usr/bin"
}

# Runs Maven quietly enough to read.
maven() { "$MVN" --batch-mode --no-transfer-progress -f "$zonewright_root/pom.xml" "$@"; }
