// SPDX-License-Identifier: GPL-3.0-or-later
// The jobs of a call, from its beginning: what they may cost; pending while it is active, released in the transaction that
// ends it. Only for this room's own files; inside the caller's transaction, in the thread of the connection.
#pragma once

#include "shared/jobfacts.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QString>

namespace takt::store {

// How often a job may be left behind by a worker that died, until it is taken for the cause.
[[nodiscard]] int maxRescues(Stage stage);

// Locks the call's jobs, always in the same order: PostgreSQL would else let two transactions wait for each other.
[[nodiscard]] QSqlError lockJobs(const QSqlDatabase &database, const QString &callSid);
// The call's jobs, waiting for its end; those that exist already stay as they are.
[[nodiscard]] QSqlError planJobs(const QSqlDatabase &database, const QString &callSid, qint64 nowMs);
// The call is active again: what has not begun waits for its end, what runs is stopped.
[[nodiscard]] QSqlError holdJobs(const QSqlDatabase &database, const QString &callSid);
// The call has ended: its jobs may run, `graceMs` from now.
[[nodiscard]] QSqlError releaseJobs(const QSqlDatabase &database, const QString &callSid, qint64 nowMs, qint64 graceMs);
// What looked like a call is a leg of another one. One with an agent on it stays a call of its own, and keeps its jobs.
[[nodiscard]] QSqlError dropJobs(const QSqlDatabase &database, const QString &callSid);

} // namespace takt::store
