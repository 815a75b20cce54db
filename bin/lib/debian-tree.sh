#!/usr/bin/env bash
# debian-tree: unpack Debian packages and what they depend on into a directory, without root and
# without touching this machine's own package system.
#
#   debian-tree.sh [OPTION]... SUITE[,SUITE...] DEST PACKAGE[/SUITE]...
#
#   SUITE     trixie, trixie-backports, sid ...; the first is preferred, the others give only what
#             is asked of them with PACKAGE/SUITE and the newer parts that such a package needs
#   PACKAGE   a package name; "NAME!" or "NAME!/SUITE" takes it alone, without its dependencies
#   --without GLOB     leave out packages whose names match (may be given several times)
#   --only GLOB        of what PACKAGE needs, take only packages whose names match (several times)
#   --relink GLOB      programs below DEST that are to run straight from there on any Linux: each
#                      is given the tree's own dynamic loader and libraries (several times;
#                      DEST must stay where it is afterwards)
#   --java-cacerts     fill the Java trust store of a JDK in the tree (its package does so in a
#                      maintainer script, and those never run here)
#   --skip-docs        leave out manuals, documentation and translations
#   --refresh          take the newest packages even where DEST is complete already
#   --print-packages   print "name version" of each package in DEST and end
#
# It may be sourced as well, and then defines the function debian_tree with the same arguments.
#
# Progress goes to standard error, a line per step, and nothing at all where DEST is complete.
# DEST appears at once or not at all, and a second run waits for the first. Packages and indexes
# are kept in ${ZONEWRIGHT_CACHE:-<repository>/.cache}/debian. Only apt-get and dpkg-deb are needed.
# Exit status: 0 done, 2 wrong usage, 3 this machine cannot do it (the message says what to do),
# 1 anything else.
#
# What a maintainer script would have made is missing in DEST (alternatives, generated files), so
# call programs by their real paths. Absolute symbolic links are made relative: DEST works
# from outside as well as with chroot.

if [[ "${BASH_SOURCE[0]}" != "$0" ]]; then
    _debian_tree_script="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/debian-tree.sh"
    # A process of its own, since "set -e" means nothing in a function called from a condition.
    debian_tree() { bash "$_debian_tree_script" "$@"; }
    return 0
fi

set -euo pipefail
export LC_ALL=C
umask 022

# Part of the stamp: change it when the same request must give another tree.
readonly LAYOUT_VERSION=1
readonly DEFAULT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
cache="${ZONEWRIGHT_CACHE:-$(cd -- "$here/../.." && pwd)/.cache}/debian"
temporary=""

say() { printf 'debian-tree: %s\n' "$*" >&2; }
die() {
    local status=$1
    shift
    say "$*"
    exit "$status"
}
usage() { sed -n '2,/^$/{s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; }

main() {
    local without=() only=() relink=() packages=() java_cacerts=no skip_docs=no refresh=no print=no
    local request
    request="$(printf '%s\n' "$LAYOUT_VERSION" "$@" | grep -vx -e --refresh -e --print-packages)"
    while [[ $# -gt 0 && $1 == -* ]]; do
        case $1 in
            --without) without+=("${2:?--without needs a GLOB}"); shift ;;
            --only) only+=("${2:?--only needs a GLOB}"); shift ;;
            --relink) relink+=("${2:?--relink needs a GLOB}"); shift ;;
            --java-cacerts) java_cacerts=yes ;;
            --skip-docs) skip_docs=yes ;;
            --refresh) refresh=yes ;;
            --print-packages) print=yes ;;
            -h | --help) usage; exit 0 ;;
            *) usage; die 2 "unknown option $1" ;;
        esac
        shift
    done
    if [[ $# -lt 3 && ($print == no || $# -lt 2) ]]; then
        usage
        die 2 "SUITE, DEST and at least one PACKAGE are needed"
    fi
    local suites=$1 dest
    mkdir -p -- "$(dirname -- "$2")"
    dest="$(cd -- "$(dirname -- "$2")" && pwd)/$(basename -- "$2")"
    shift 2
    packages=("$@")

    if [[ $print == yes ]]; then
        cat -- "$dest/.debian-tree/packages"
        return
    fi
    local key
    key="$(sha256sum <<<"$request" | cut -d' ' -f1)"
    if [[ $refresh == no ]] && is_complete "$dest" "$key"; then
        return
    fi

    require_debian
    mkdir -p -- "$cache/archives/partial"
    exec 9>"$cache/lock"
    if ! flock --nonblock 9; then
        say "another run is preparing packages; waiting for it"
        flock 9
        if [[ $refresh == no ]] && is_complete "$dest" "$key"; then
            return
        fi
    fi
    if [[ ${#relink[@]} -gt 0 && $dest != "$cache/tools" ]]; then
        prepare_patchelf "$suites"
    fi

    temporary="$(mktemp -d -- "$dest.new.XXXXXX")"
    trap 'rm -rf -- "$temporary"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    chmod 755 "$temporary"

    open_suites "$suites" "$refresh"
    download "${packages[@]}"
    # Quick to make again, and larger than everything else that is kept.
    rm -f -- "${APT_CONFIG%/*}/cache/"*.bin
    unpack "$temporary" "$skip_docs"
    make_links_relative "$temporary"
    if [[ ${#relink[@]} -gt 0 ]]; then relink_programs "$temporary" "$dest"; fi
    if [[ $java_cacerts == yes ]]; then fill_java_cacerts "$temporary"; fi

    printf '%s\n' "$key" >"$temporary/.debian-tree/key"
    if [[ -e $dest ]]; then
        mv -- "$dest" "$temporary.old"
    fi
    mv -- "$temporary" "$dest"
    rm -rf -- "$temporary.old"
    say "ready: $dest"
}

is_complete() { [[ "$(cat -- "$1/.debian-tree/key" 2>/dev/null)" == "$2" ]]; }

require_debian() {
    local id="" tool
    id="$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null | tr -d '"')" || true
    for tool in apt-get apt-config dpkg dpkg-deb; do
        if [[ $id != debian ]] || ! command -v "$tool" >/dev/null; then
            die 3 "these parts come as Debian packages, and this is not a Debian system: please install" \
                "them yourself (JDK 25 or newer, Maven 3.8 or newer; for guests QEMU 11.1 or newer)"
        fi
    done
}

# Prints "BASE-URI KEYRING[,KEYRING]" of the Debian mirror that this machine's own apt uses.
find_mirror() {
    local uris base="" keyrings="" file line
    uris="$(apt-get update --print-uris 2>/dev/null | sed -n "s/^'\([^']*\)\/dists\/\([^/']*\)\/.*/\1 \2/p")" || true
    while read -r candidate suite; do
        case $suite in
            bookworm | trixie | forky | duke | sid | stable | testing | unstable | oldstable)
                if [[ $candidate != *security* ]]; then
                    base=$candidate
                    break
                fi
                ;;
        esac
    done <<<"$uris"
    if [[ -z $base ]]; then
        die 3 "no Debian mirror among this machine's apt sources; please add one, for example" \
            "\"deb <mirror> $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) main\" in /etc/apt/sources.list"
    fi
    # Keyrings named beside that mirror, so that a re-signed mirror works; then Debian's own, which
    # has the keys of later releases too.
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        if grep -qsF -- "$base" "$file"; then
            while read -r line; do
                if [[ -r $line && ",$keyrings," != *",$line,"* ]]; then keyrings+="${keyrings:+,}$line"; fi
            done < <(grep -iE '^[^#]*signed-by[:=]' "$file" | grep -oE '/[^] ,]+\.(gpg|asc|pgp)')
        fi
    done
    if [[ -r $DEFAULT_KEYRING && ",$keyrings," != *",$DEFAULT_KEYRING,"* ]]; then
        keyrings+="${keyrings:+,}$DEFAULT_KEYRING"
    fi
    printf '%s %s\n' "$base" "$keyrings"
}

# Makes the private apt state of these suites and brings its index up to date. Sets apt_options.
open_suites() {
    local suites=$1 refresh=$2 mirror base keyrings suite state log
    mirror="$(find_mirror)"
    read -r base keyrings <<<"$mirror"
    state="$cache/apt/${suites//,/+}"
    mkdir -p -- "$state/etc/none" "$state/lists/partial" "$state/cache"
    : >"$state/status"
    for suite in ${suites//,/ }; do
        printf 'deb [arch=%s%s] %s %s main\n' "$(dpkg --print-architecture)" \
            "${keyrings:+ signed-by=$keyrings}" "$base" "$suite"
    done >"$state/etc/sources.list.new"
    if ! cmp -s "$state/etc/sources.list.new" "$state/etc/sources.list"; then
        rm -f -- "$state/fresh"
        mv -- "$state/etc/sources.list.new" "$state/etc/sources.list"
    fi
    # Nothing of the machine's configuration counts (hooks, pins, options of the local
    # administrator), except how the network is reached.
    {
        apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv)[^ ]* ' || true
        cat <<CONFIG
Dir::Etc "$state/etc";
Dir::Etc::parts "$state/etc/none";
Dir::Etc::main "$state/etc/none.conf";
Dir::Etc::sourcelist "$state/etc/sources.list";
Dir::Etc::sourceparts "$state/etc/none";
Dir::Etc::preferences "$state/etc/none.pref";
Dir::Etc::preferencesparts "$state/etc/none";
Dir::Etc::trusted "/etc/apt/trusted.gpg";
Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Dir::Cache::archives "$cache/archives";
Dir::Log "$state";
APT::Architecture "$(dpkg --print-architecture)";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Default-Release "${suites%%,*}";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Sandbox::User "";
APT::Get::Assume-Yes "true";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Retries "3";
Debug::NoLocking "true";
CONFIG
    } >"$state/apt.conf"
    export APT_CONFIG="$state/apt.conf"
    apt_options=(-q)

    # A day-old index is good enough; one that names packages which are gone is renewed in download.
    if [[ $refresh == no && -n "$(find "$state/fresh" -mtime -1 2>/dev/null)" ]]; then
        return
    fi
    update_index "$suites"
}

update_index() {
    local log="$APT_CONFIG.log"
    say "reading the package index of ${1//,/, }"
    if ! apt-get "${apt_options[@]}" update >"$log" 2>&1; then
        # A snapshot or a mirror that stands still counts as expired; its signatures hold all the same.
        if grep -qE 'expired|not valid yet' "$log"; then
            say "the mirror's index counts as outdated; taking it as it is (signatures are checked)"
            apt_options+=(-o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false)
        fi
        if ! apt-get "${apt_options[@]}" update >"$log" 2>&1; then
            grep -E '^(E|W|Err)' "$log" | head -n 5 >&2
            die 1 "the package index could not be read (see above, or $log)"
        fi
    fi
    touch "${APT_CONFIG%/*}/fresh"
}

# Resolves and downloads. Sets debs (file names in the archives) in dependency order.
download() {
    local plain=() alone=() package list name file size total=0 missing=0 attempt
    for package in "$@"; do
        if [[ $package == *!* ]]; then alone+=("${package/!/}"); else plain+=("$package"); fi
    done
    for attempt in 1 2; do
        list=""
        if [[ ${#plain[@]} -gt 0 ]]; then
            # An empty archive directory makes apt name every file, those at hand as well.
            if ! list="$(apt-get -qq -o Dir::Cache::archives="$APT_CONFIG.none" --print-uris install "${plain[@]}" \
                2>"$APT_CONFIG.log")"; then
                grep -E '^E|Depends' "$APT_CONFIG.log" >&2 || true
                die 1 "these packages cannot be had together: ${plain[*]}"
            fi
        fi
        if [[ ${#alone[@]} -gt 0 ]]; then
            list+=$'\n'"$(cd -- "${APT_CONFIG%/*}" && apt-get -qq --print-uris download "${alone[@]}")" \
                || die 1 "no such package: ${alone[*]}"
        fi
        debs=()
        local wanted=()
        total=0 missing=0
        while read -r uri file size hash; do
            [[ -n $uri ]] || continue
            name=${file%%_*}
            if is_left_out "$name"; then continue; fi
            debs+=("$file")
            if [[ ! -s $cache/archives/$file || $(stat -c %s "$cache/archives/$file") != "$size" ]]; then
                wanted+=("$name=$(version_of "$file")")
                missing=$((missing + 1)) total=$((total + size))
            fi
        done <<<"$(sort -u <<<"$list")"
        if [[ $missing -eq 0 ]]; then
            return
        fi
        say "downloading $missing packages ($(((total + 999999) / 1000000)) MB)"
        # "download" needs no root, takes exactly these versions and checks their hashes.
        if (cd -- "$cache/archives/partial" && apt-get "${apt_options[@]}" download "${wanted[@]}") \
            >"$APT_CONFIG.log" 2>&1; then
            mv -- "$cache/archives/partial/"*.deb "$cache/archives/"
            return
        fi
        if [[ $attempt == 1 ]]; then
            say "some packages are no longer where the index says; reading it again"
            update_index "$(basename -- "${APT_CONFIG%/*}")"
        fi
    done
    grep -E '^(E|W|Err)' "$APT_CONFIG.log" | head -n 5 >&2
    die 1 "the download failed (see above)"
}

is_left_out() {
    local glob
    for glob in "${without[@]}"; do
        # shellcheck disable=SC2053  # a glob on purpose
        if [[ $1 == $glob ]]; then return 0; fi
    done
    if [[ ${#only[@]} -eq 0 ]]; then return 1; fi
    for glob in "${only[@]}"; do
        # shellcheck disable=SC2053
        if [[ $1 == $glob ]]; then return 1; fi
    done
    return 0
}

# name_1%3a2.3-4_amd64.deb -> 1:2.3-4
version_of() {
    local version=${1#*_}
    version=${version%_*}
    printf '%s' "${version//%3a/:}"
}

unpack() {
    local tree=$1 skip_docs=$2 deb excludes=() directory
    say "unpacking ${#debs[@]} packages"
    if [[ $skip_docs == yes ]]; then
        excludes=(--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*'
            --exclude='./usr/share/locale/*' --exclude='./usr/share/lintian/*')
    fi
    # Merged /usr, as on an installed system: whichever way a package says lib, it lands in usr/lib.
    for directory in bin sbin lib lib64; do
        mkdir -p -- "$tree/usr/$directory"
        ln -s "usr/$directory" "$tree/$directory"
    done
    mkdir -p -- "$tree/.debian-tree"
    for deb in "${debs[@]}"; do
        dpkg-deb --fsys-tarfile "$cache/archives/$deb" \
            | tar -x --keep-directory-symlink --no-same-owner "${excludes[@]}" -C "$tree" -f - \
            || die 1 "unpacking $deb failed"
        printf '%s %s\n' "${deb%%_*}" "$(version_of "$deb")"
    done >"$tree/.debian-tree/packages"
}

# Absolute links lead out of the tree unless it is somebody's root.
make_links_relative() {
    local tree=$1 link target up
    while IFS= read -r -d '' link; do
        target="$(readlink -- "$tree/$link")"
        case $target in
            /dev/* | /proc/* | /sys/* | /run/*) continue ;;
        esac
        up="$(tr -cd / <<<"$link")"
        ln -sfnT -- "${up//\//../}${target#/}" "$tree/$link"
    done < <(cd -- "$tree" && find . -mindepth 2 -type l -lname '/*' -printf '%P\0')
}

# A program of a newer release asks for a newer C library than this machine's: it gets the tree's.
prepare_patchelf() {
    if [[ ! -x $cache/tools/usr/bin/patchelf ]]; then
        flock --unlock 9
        ZONEWRIGHT_CACHE="${cache%/debian}" bash "${BASH_SOURCE[0]}" --skip-docs "$1" "$cache/tools" patchelf
        flock 9
    fi
}

run_patchelf() {
    "$(find_loader "$cache/tools")" --library-path "$(library_path "$cache/tools")" \
        "$cache/tools/usr/bin/patchelf" "$@"
}

find_loader() { find "$1/usr/lib" "$1/usr/lib64" -maxdepth 2 -name 'ld-linux*.so.*' -type f -print -quit; }

library_path() {
    local tree=$1 found
    found="$(find "$tree/usr/lib" -maxdepth 1 -type d -name '*-linux-gnu*' -print -quit)"
    printf '%s' "$found:$tree/usr/lib"
}

relink_programs() {
    local tree=$1 dest=$2 glob program loader count=0
    loader="$(find_loader "$tree")"
    [[ -n $loader ]] || die 1 "--relink: the packages asked for bring no dynamic loader (libc6)"
    for glob in "${relink[@]}"; do
        while IFS= read -r program; do
            if [[ -L $program || ! -f $program || $(head -c4 "$program" | tail -c3) != ELF ]]; then continue; fi
            run_patchelf --print-interpreter "$program" >/dev/null 2>&1 || continue
            # RPATH and not RUNPATH: it holds for the libraries' own libraries too.
            run_patchelf --set-interpreter "$dest${loader#"$tree"}" --force-rpath \
                --set-rpath "$(relinked_rpath "$program" "$tree" "$dest")" "$program" \
                || die 1 "--relink: ${program#"$tree/"} could not be changed"
            count=$((count + 1))
        done < <(compgen -G "$tree/$glob" || true)
    done
    if [[ $count -eq 0 ]]; then die 1 "--relink: no program matches ${relink[*]}"; fi
    say "$count programs use the tree's own libraries"
}

# The program's own search path (a JDK's $ORIGIN/../lib) stays in front.
relinked_rpath() {
    local own
    own="$(run_patchelf --print-rpath "$1")"
    printf '%s' "${own:+$own:}$(library_path "$2" | sed "s|$2|$3|g")"
}

fill_java_cacerts() {
    local tree=$1 java store bundle
    java="$(compgen -G "$tree/usr/lib/jvm/*/bin/java" | head -n 1)" || die 1 "--java-cacerts: no JDK in the tree"
    bundle="$tree/usr/share/ca-certificates"
    [[ -d $bundle ]] || die 1 "--java-cacerts: ask for the package ca-certificates too"
    store="$tree/etc/ssl/certs/java/cacerts"
    mkdir -p -- "${store%/*}"
    say "filling the Java trust store"
    cat >"$temporary/.debian-tree/Cacerts.java" <<'JAVA'
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

class Cacerts {
    public static void main(String[] args) throws Exception {
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        var factory = CertificateFactory.getInstance("X.509");
        try (var files = Files.walk(Path.of(args[0]))) {
            for (var file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".crt"))::iterator) {
                try (var in = Files.newInputStream(file)) {
                    store.setCertificateEntry("debian:" + file.getFileName(), factory.generateCertificate(in));
                }
            }
        }
        try (var out = Files.newOutputStream(Path.of(args[1]))) {
            store.store(out, "changeit".toCharArray());
        }
    }
}
JAVA
    # --relink made paths of the final place; until it is there, a copy with paths of this place runs.
    local setup="${java%/*}/java-setup" loader
    cp -- "$java" "$setup"
    if [[ ${#relink[@]} -gt 0 ]]; then
        loader="$(find_loader "$tree")"
        run_patchelf --set-interpreter "$loader" --force-rpath \
            --set-rpath "\$ORIGIN/../lib:$(library_path "$tree")" "$setup"
    fi
    "$setup" -Xshare:auto "$tree/.debian-tree/Cacerts.java" "$bundle" "$store" \
        || die 1 "--java-cacerts: the trust store could not be written"
    rm -f -- "$setup" "$tree/.debian-tree/Cacerts.java"
}

main "$@"
