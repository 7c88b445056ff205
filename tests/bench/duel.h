// SPDX-License-Identifier: GPL-3.0-or-later
// Judges the runs of one call count with --attack: the gateway under abuse next to itself undisturbed. Pure.
#pragma once

#include "bench/comparison.h"
#include "bench/options.h"

namespace takt::bench {

struct Duel {
    int calls = 0;
    Figures attacked; // medians over the repeats
    Figures undisturbed;
    AttackFigures attack; // sums over the repeats; times are the worst of them, held connections their mean
    HonestFigures honestUndisturbed;
    std::vector<Limit> limits; // `floor`: undisturbed
    [[nodiscard]] bool held() const;
};

[[nodiscard]] Duel duel(const std::vector<RunResult> &runs, const Options &options, int calls);

} // namespace takt::bench
