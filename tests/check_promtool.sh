#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_promtool.sh TST_METRICS: Prometheus' own linter must find nothing to say about our metrics. promtool comes from
# PATH or from the folder TAKT_TOOLS_DIR. 77: there is none.
set -euo pipefail
tst_metrics=$1
promtool=$(command -v promtool || true)
[ -n "$promtool" ] || promtool=${TAKT_TOOLS_DIR:-/nonexistent}/promtool
[ -x "$promtool" ] || exit 77

said=$("$tst_metrics" --print | "$promtool" check metrics 2>&1) || { echo "promtool refuses the metrics: $said"; exit 1; }
[ -z "$said" ] || { echo "promtool says: $said"; exit 1; }

# Would it notice?
said=$(printf '# HELP takt_x_ms x\n# TYPE takt_x_ms counter\ntakt_x_ms 1\n' | "$promtool" check metrics 2>&1) || true
[ -n "$said" ] || { echo "the check itself is broken"; exit 1; }
echo "promtool has nothing to say about the metrics"
