// SPDX-License-Identifier: GPL-3.0-or-later
// Judges the runs of one call count with --jobs: the gateway that does the work after calls next to itself, with the same
// work held back. Pure.
#pragma once

#include "bench/comparison.h"

namespace takt::bench {

struct WorkDuel {
    int calls = 0;
    Figures working; // medians over the repeats
    Figures undisturbed;
    std::vector<double> ratios;    // p99.9 of each repeat, working / undisturbed
    std::vector<WorkFigures> work; // of each repeat
    std::vector<Limit> limits;     // `floor`: undisturbed
    [[nodiscard]] bool held() const;
};

[[nodiscard]] WorkDuel workDuel(const std::vector<RunResult> &runs, int calls);

} // namespace takt::bench
