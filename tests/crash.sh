#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The long form of tst_crash: kills the real gateway very often, with random seeds, on both databases at the same time.
#
#     tests/crash.sh [BUILD-DIRECTORY] [KILLS] [FIRST-SEED]       build, 1000 (on each), a random one
#
# Prints a line for each run of fifty kills and one for all; what a failed run said is kept. Exit code 1: something was lost,
# done twice, or not finished in time.
set -u
cd "$(dirname "$0")/.."
build=${1:-build}
kills=${2:-1000}
seed=${3:-$(((RANDOM << 15) | RANDOM))}
each=50

program=$(find "$build" -name tst_crash -type f -perm -u+x | head -n 1)
if [ -z "$program" ]; then
    echo "crash.sh: there is no tst_crash in $build: build it first" >&2
    exit 2
fi
logs=$(mktemp -d /tmp/takt-crash.XXXXXX)

# All runs on one database; a line each.
run() {
    local left=$kills n=0 count log
    while [ "$left" -gt 0 ]; do
        count=$((left < each ? left : each))
        log=$logs/$1.$((seed + n))
        if TAKT_CRASH_DATABASE=$1 TAKT_CRASH_KILLS=$count TAKT_CRASH_SEED=$((seed + n)) QTEST_FUNCTION_TIMEOUT=3600000 \
            "$program" -maxwarnings 0 kills >"$log" 2>&1 && ! grep -q '^SKIP' "$log"; then
            echo "ok   $1 $(sed -n 's/.*CRASH //p' "$log")"
            rm -f "$log"
        else
            echo "FAIL $1 seed $((seed + n)), $count kills: see $log"
        fi
        left=$((left - count))
        n=$((n + 1))
    done
}

run sqlite | tee "$logs/sqlite" &
run postgres | tee "$logs/postgres" &
wait
awk -v kills="$kills" '
    $1 == "FAIL" { failed++ }
    $1 == "ok" {
        runs++
        for (i = 1; i <= NF; i++) {
            if ($i ~ /^kills/) k += $(i - 1)
            if ($i ~ /^calls/) c += $(i - 1)
            if ($i == "recovery" && $(i + 1) > longest) longest = $(i + 1)
        }
    }
    END {
        printf "%s: %d kills on two databases, %d calls, none lost or done twice in %d runs; %d runs failed; longest recovery %d ms\n",
            failed ? "FAILED" : "PASSED", k, c, runs, failed, longest
        exit failed > 0
    }' "$logs/sqlite" "$logs/postgres"
code=$?
[ "$code" -ne 0 ] || rm -rf "$logs"
exit "$code"
