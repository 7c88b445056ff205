// SPDX-License-Identifier: GPL-3.0-or-later
// What operators ask about the deferred work, and what they order; see shared/controlprotocol.h. In the jobs thread.
#pragma once

#include "jobs/runner.h"
#include "shared/result.h"

#include <QJsonObject>

namespace takt::jobs {

// The methods that answer() knows.
struct DeskMethod {
    QString name;
    bool acts = false; // changes something
};
[[nodiscard]] QList<DeskMethod> deskMethods();
[[nodiscard]] Result<QJsonObject> answer(Runner &runner, const QString &method, const QJsonObject &parameters);

} // namespace takt::jobs
