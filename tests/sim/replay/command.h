// SPDX-License-Identifier: GPL-3.0-or-later
// `takt-sim replay FILE`: its command line. Main thread.
#pragma once

#include "sim/replay/replayer.h"

#include <QStringList>

namespace takt::sim {

struct ReplayCommand {
    Replay replay;
    ReplayOptions options;
    bool json = false;
};

// `arguments`: behind `takt-sim replay`.
[[nodiscard]] Result<ReplayCommand> readReplayCommand(const QStringList &arguments);

} // namespace takt::sim
