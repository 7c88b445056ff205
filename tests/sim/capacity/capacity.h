// SPDX-License-Identifier: GPL-3.0-or-later
// `takt-sim capacity`: how many calls this machine holds, and what ends it. Main thread; carrier and model have their own.
#pragma once

#include <QStringList>

namespace takt::capacity {

// The arguments begin with the program's name. Returns the exit code.
[[nodiscard]] int runCapacity(const QStringList &arguments);

} // namespace takt::capacity
