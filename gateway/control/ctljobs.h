// SPDX-License-Identifier: GPL-3.0-or-later
// The deferred work as `takt-gateway ctl` prints it. The process's only thread.
#pragma once

#include "shared/usage.h"

#include <QJsonObject>
#include <QString>

namespace takt::control {

// "0.0123 USD, 456 tokens"; only tokens where the cost is not known.
[[nodiscard]] QString costText(qint64 tokens, const std::optional<Cost> &cost);
// The result of one of the methods of the deferred work, as text.
[[nodiscard]] QString workText(const QString &method, const QJsonObject &result);

} // namespace takt::control
