// SPDX-License-Identifier: GPL-3.0-or-later
// The part of takt-sim's command line that is about the work after the calls: AI, CRM, and faults by name.
#pragma once

#include "sim/phonecommandline.h"

namespace takt::sim {

[[nodiscard]] std::span<const OptionText> workOptionTexts();
// "name=value" rows for --help: of --ai-fault and of --crm-fault.
[[nodiscard]] QString workHelp();
// ... of one service of the fault board.
[[nodiscard]] QString faultHelp(const QString &title, const QString &service);
// "name=value" of that service; "all" is a number without an end. False: unknown, or no value.
[[nodiscard]] bool readFault(const QString &text, const QString &service, FaultBoard::Values &into);
// Why it can't be, or nothing. After readPhone().
[[nodiscard]] QString readWork(const QCommandLineParser &parser, SimulationOptions &options);

} // namespace takt::sim
