// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as text for people and as JSON for programs. Pure.
#pragma once

#include "bench/comparison.h"
#include "bench/duel.h"
#include "bench/leadcomparison.h"
#include "load/machine.h"
#include "bench/options.h"
#include "bench/workduel.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace takt::bench {

struct Report {
    Options options;
    load::Machine machine;
    std::vector<RunResult> runs;
    std::vector<Comparison> comparisons;
    std::vector<Duel> duels;          // with --attack, instead of comparisons
    std::vector<WorkDuel> workDuels;  // with --jobs, instead of comparisons
    std::vector<LeadResult> leadRuns; // with --lead, instead of runs
    std::vector<LeadComparison> leads;
};

[[nodiscard]] QString heading(const load::Machine &machine, const Options &options);
[[nodiscard]] QString runText(const RunResult &run, bool barged);
[[nodiscard]] QString comparisonText(const Comparison &comparison);
[[nodiscard]] QString attackText(const AttackFigures &attack);
[[nodiscard]] QString duelText(const Duel &duel);
[[nodiscard]] QString workText(const WorkFigures &work);
[[nodiscard]] QString workDuelText(const WorkDuel &duel);
[[nodiscard]] QByteArray toJson(const Report &report);
[[nodiscard]] QString programName(Program program);

} // namespace takt::bench
