// SPDX-License-Identifier: GPL-3.0-or-later
// The telephone part of takt-sim's command line.
#pragma once

#include "sim/simulation.h"

#include <QCommandLineParser>

namespace takt::sim {

struct OptionText {
    const char *group;
    const char *name;
    const char *value; // null: a switch
    const char *byDefault;
    const char *help;
};

[[nodiscard]] std::span<const OptionText> phoneOptionTexts();
// "name=value" rows for --help: of --rest-fault and of --callback.
[[nodiscard]] QString phoneHelp();
// Why it can't be, or nothing.
[[nodiscard]] QString readPhone(const QCommandLineParser &parser, SimulationOptions &options);
// The context that --ca and --insecure ask for; null, with the reason, if there can't be one.
[[nodiscard]] TlsContextPtr readTls(const QCommandLineParser &parser, QString &error);

} // namespace takt::sim
