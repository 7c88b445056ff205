// SPDX-License-Identifier: GPL-3.0-or-later
// Judges the runs of one call count: the gateway next to the floor, and each limit. Pure.
#pragma once

#include "bench/figures.h"

#include <initializer_list>
#include <optional>
#include <vector>

namespace takt::bench {

using Runs = std::vector<const RunResult *>; // at least one

[[nodiscard]] Figures medians(const Runs &runs);
// What must not happen must not happen in any run.
[[nodiscard]] double sum(const Runs &runs, std::initializer_list<double Figures::*> fields);

struct Limit {
    QString name;
    QString wanted;              // in words
    std::optional<double> value; // nothing: not measured in these runs
    std::optional<double> floor; // the same of the floor
    bool judged = false;
    bool held = true;
};

struct Comparison {
    int calls = 0;
    Figures gateway; // medians over the repeats
    std::optional<Figures> floor;
    std::optional<double> cpuRatio; // median of the ratios of each gateway run to the floor run before it
    std::vector<Limit> limits;
    [[nodiscard]] bool held() const;
};

[[nodiscard]] Comparison compare(const std::vector<RunResult> &runs, int calls);

} // namespace takt::bench
