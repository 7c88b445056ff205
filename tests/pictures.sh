#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the pictures of the console that stand in the README anew: every page by day, by night and in Hebrew, with the tests' own
# calls, jobs and people.
#   tests/pictures.sh [BUILD FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
[ -f "$build/build.ninja" ] || cmake -S . -B "$build" -G Ninja >/dev/null
cmake --build "$build" --target tst_consolepages
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
# The clock on the plots is that of Greenwich, whoever makes them.
TZ=UTC QT_QPA_PLATFORM=offscreen TAKT_PICTURES=$made "$build/tst_consolepages" nothingIsCutOff -maxwarnings 0 >"$made/log" ||
    { cat "$made/log" >&2; exit 1; }
mkdir -p resources/pictures
for page in calls tx jobs history leads; do
    install -m 644 "$made/$page-english.png" "resources/pictures/$page-light.png"
    install -m 644 "$made/$page-english-dark.png" "resources/pictures/$page-dark.png"
    install -m 644 "$made/$page-hebrew.png" "resources/pictures/$page-hebrew.png"
done
ls -l resources/pictures
