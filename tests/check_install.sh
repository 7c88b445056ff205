#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_install.sh BUILD_FOLDER: what `cmake --install` puts where, and that the unit finds it there.
set -euo pipefail
build=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

DESTDIR=$root cmake --install "$build" --prefix /usr >/dev/null

faults=0
fault() { echo "$1"; faults=$((faults + 1)); }
unit=$root/usr/lib/systemd/system/takt.service
program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
[ "$("$root$program" --version)" = "$("$build/takt-gateway" --version)" ] || fault "the unit starts $program, which is not ours"
[ -x "$root/usr/bin/takt-console" ] || fault "no takt-console"
OPENAI_API_KEY=sk-x TAKT_DATA_DIR=$root "$root$program" --insecure --check-config \
    --config "$root/usr/share/doc/takt/takt.example.toml" >/dev/null || fault "the example is not good"
others=$(cd "$root" && find . -type f | grep -vE '^\./usr/(bin/takt-(gateway|console)|lib/systemd/system/takt\.service|share/doc/takt/[a-zA-Z.]+)$' || true)
[ -z "$others" ] || fault "installed as well: $others"

[ $faults -eq 0 ] || exit 1
echo "installed, and the unit finds it"
