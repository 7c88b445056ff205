#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings the translations in line with the console's sources: new sentences appear unfinished, those of before go.
set -euo pipefail
cd "$(dirname "$0")/.."
lupdate=$(PATH=/usr/lib/qt6/bin:$PATH command -v lupdate)
common=(-I . -locations none -no-obsolete -source-language en console)
"$lupdate" "${common[@]}" -target-language he -ts translations/takt_he.ts
"$lupdate" "${common[@]}" -target-language en -pluralonly -ts translations/takt_en.ts
