# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by run.sh and test.sh: installs what a bare Debian 12 lacks, configures and builds.

say() { printf '\n== %s\n' "$*"; }

# takt_install PACKAGE...: installs the packages that are missing; asks for nothing when none is.
takt_install() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "These packages are missing, and neither root nor sudo is at hand: ${missing[*]}" >&2; return 1; }
        root=(sudo)
    fi
    say "Installing: ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

takt_install_build() {
    takt_install build-essential cmake ninja-build ccache pkg-config \
        qt6-base-dev qt6-websockets-dev libqt6sql6-sqlite libqt6sql6-psql qt6-l10n-tools qt6-tools-dev qt6-tools-dev-tools \
        fonts-dejavu-core ffmpeg libsimdjson-dev libtomlplusplus-dev libreaderwriterqueue-dev libconcurrentqueue-dev libssl-dev libboost-dev libsystemd-dev
}

# What takt-sim needs to let its callers and its model speak, and the tests to check JSON against a schema.
takt_install_world() {
    takt_install alsa-utils espeak-ng libvalijson-dev
}

# What the tests need beyond that: an X server without a screen, and a PostgreSQL server, which they start themselves. Its package would make and start one of
# its own; where there is no PostgreSQL yet, it is told not to.
takt_install_tests() {
    if [ ! -e /etc/postgresql-common ] && [ "$(dpkg-query -W -f='${db:Status-Status}' postgresql 2>/dev/null)" != installed ]; then
        local root=()
        [ "$(id -u)" -eq 0 ] || root=(sudo)
        "${root[@]}" install -d /etc/postgresql-common
        echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    takt_install postgresql xvfb
}

# promtool for tests/check_promtool.sh: unpacked into FOLDER and not installed, for its package starts a server. Where it
# can't be had, that test is skipped.
takt_promtool() {
    export TAKT_TOOLS_DIR=$1
    if command -v promtool >/dev/null || [ -x "$1/promtool" ]; then return 0; fi
    say "Unpacking promtool"
    local folder
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq prometheus >/dev/null && dpkg -x prometheus_*.deb .); then
        install -D -t "$1" "$folder/usr/bin/promtool"
    else
        echo "promtool can't be had; its test is skipped" >&2
    fi
    rm -rf "$folder"
}

# takt_configure FOLDER [CMAKE OPTIONS...]
takt_configure() {
    local folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja "$@" >"$folder.log" 2>&1 || { cat "$folder.log" >&2; return 1; }
    rm -f "$folder.log"
}

# takt_build FOLDER [TARGETS...]: without targets everything.
takt_build() {
    local folder=$1
    shift
    say "Building in $folder"
    cmake --build "$folder" ${1:+--target "$@"}
}
