// SPDX-License-Identifier: GPL-3.0-or-later
// One run: starts the program under test between a carrier and a model, measures, ends everything. Main thread.
#pragma once

#include "bench/figures.h"
#include "bench/options.h"

#include <atomic>

namespace takt::bench {

struct RunAttempt {
    RunResult result;
    QString error; // why nothing was measured
};
// Gives up, in good order, as soon as `interrupted` is set.
[[nodiscard]] RunAttempt runOnce(const Options &options, const RunPlan &plan, const std::atomic<bool> &interrupted);

} // namespace takt::bench
