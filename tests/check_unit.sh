#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_unit.sh SOURCE_FOLDER GATEWAY: systemd must find nothing to say about the unit, and what the beat needs must be
# allowed. Needs no running systemd. 77: there is no systemd-analyze here.
set -euo pipefail
source=$1 gateway=$2
command -v systemd-analyze >/dev/null || exit 77

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unit=$folder/takt.service
faults=0
fault() { echo "$1"; faults=$((faults + 1)); }

# The real binary in the place of the one that is not installed.
install_unit() { sed "s|^ExecStart=[^ ]*|ExecStart=$gateway|; $1" "$source/resources/takt.service" >"$unit"; }
# What it says of our unit; the units of this host are not our matter.
verify() { systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1 | sed -n '/takt/p'; }

install_unit ""
said=$(verify) || fault "systemd-analyze verify fails"
[ -z "$said" ] || fault "systemd-analyze verify says: $said"

# has KEY VALUE: the unit's only line of this key.
has() { [ "$(grep "^$1=" "$unit")" = "$1=$2" ] || fault "$1 must be $2"; }
has Type notify
has RestrictRealtime no
has LimitMEMLOCK infinity
has KillMode mixed
! grep -q "^ProcSubset=pid" "$unit" || fault "ProcSubset=pid hides the boot id and the pressure on the processor"
[ "$(sed -n 's/^LimitRTPRIO=//p' "$unit")" -ge 10 ] || fault "LimitRTPRIO is under the beat's priority"
allowed=$(systemd-analyze syscall-filter @system-service @resources @memlock)
for group in @resources @memlock; do
    grep -qE "^ +$group\$" <<<"$allowed" || fault "@system-service has lost $group"
    ! grep -E '^SystemCallFilter=~' "$unit" | grep -q -- "$group" || fault "$group must stay allowed"
done

# Would it notice?
install_unit 's|^ProtectSystem=.*|ProtectSystem=verry|'
[ -n "$(verify || true)" ] || fault "the check itself is broken"

[ $faults -eq 0 ] || exit 1
echo "systemd has nothing to say about the unit"
