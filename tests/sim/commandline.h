// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of takt-sim: from arguments to options.
#pragma once

#include "sim/simulation.h"

#include <QStringList>

namespace takt::sim {

struct CommandLine {
    SimulationOptions options;
    bool json = false;
    bool progress = false;
    bool modelOnly = false;
    bool worldOnly = false; // no calls; the log of everything else with the verdict
    QString help;           // to be printed instead of running
};

[[nodiscard]] Result<CommandLine> readCommandLine(const QStringList &arguments);

} // namespace takt::sim
