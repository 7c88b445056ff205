// SPDX-License-Identifier: GPL-3.0-or-later
// `takt-gateway ctl ...`: the operator's commands over ssh. Speaks the control protocol to a running gateway.
#pragma once

#include <QStringList>

namespace takt::control {

// Returns the process's exit code: 0 done, 1 no gateway answers, 2 wrong usage. `socketPath`: of the gateway.
[[nodiscard]] int runCtl(const QStringList &arguments, const QString &socketPath);

} // namespace takt::control
