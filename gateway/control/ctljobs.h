// SPDX-License-Identifier: GPL-3.0-or-later
// The deferred work as `takt-gateway ctl` prints it. The process's only thread.
#pragma once

#include <QJsonObject>
#include <QString>

namespace takt::control {

// The result of one of the methods of the deferred work, as text.
[[nodiscard]] QString workText(const QString &method, const QJsonObject &result);

} // namespace takt::control
