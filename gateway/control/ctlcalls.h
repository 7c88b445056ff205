// SPDX-License-Identifier: GPL-3.0-or-later
// Live calls as `takt-gateway ctl` prints them. The process's only thread.
#pragma once

#include "shared/callsnapshot.h"

#include <QString>

namespace takt::control {

// A call in one line.
[[nodiscard]] QString callText(const CallSnapshot &call, qint64 nowMs);
// Its last words.
[[nodiscard]] QString saidText(const CallSnapshot &call);
[[nodiscard]] QString millisecondsText(qint64 us);

} // namespace takt::control
