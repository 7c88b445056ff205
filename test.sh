#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and runs every test: first as users get it, then with AddressSanitizer and
# UndefinedBehaviorSanitizer. ./test.sh --fast leaves the second part out.
set -euo pipefail
cd "$(dirname "$0")"

fast=no
while [ $# -gt 0 ]; do
    case $1 in
        --fast) fast=yes; shift ;;
        *) echo "usage: ./test.sh [--fast]" >&2; exit 2 ;;
    esac
done
. resources/setup.sh

takt_install_build
takt_install_world
takt_install_tests
takt_promtool "$PWD/build/tools"
# The carrier's own signature validator and that of Standard Webhooks, as oracles, where node is.
if command -v node >/dev/null && command -v npm >/dev/null && ! ls -d build/oracle/node_modules/{twilio,standardwebhooks} >/dev/null 2>&1; then
    say "Installing the signature oracles"
    install -D -t build/oracle tests/oracle/package.json
    npm install --prefix build/oracle --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error || echo "no oracle: its test is skipped" >&2
fi
export TAKT_ORACLE_DIR=$PWD/build/oracle
takt_configure build
takt_build build
if [ $fast = no ]; then
    takt_configure build-asan -DTAKT_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug
    takt_build build-asan
    say "Tests with sanitizers"
    # Leaks are looked for in all programs; what Qt and its plugins keep for good is listed in tests/lsan.supp.
    ASAN_OPTIONS=detect_stack_use_after_return=1 LSAN_OPTIONS="suppressions='$PWD/tests/lsan.supp':print_suppressions=0" \
        ctest --test-dir build-asan --output-on-failure -j2
fi
say "Tests"
ctest --test-dir build --output-on-failure -j2
