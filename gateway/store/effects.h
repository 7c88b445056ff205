// SPDX-License-Identifier: GPL-3.0-or-later
// What the end of a job entails, inside the transaction that ends it. Only for this room's own files; in the thread of the
// connection.
#pragma once

#include "store/job.h"

#include <QSqlDatabase>
#include <QSqlError>

namespace takt::store {

class Database;

// The stage's result, files, lead and delivery.
[[nodiscard]] QSqlError write(Database &database, const Job &job, const Effects &effects, qint64 nowMs);
// What waited for this job need not wait for it any longer.
[[nodiscard]] QSqlError releaseChildren(const QSqlDatabase &database, qint64 parentId, qint64 nowMs);

} // namespace takt::store
