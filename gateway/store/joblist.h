// SPDX-License-Identifier: GPL-3.0-or-later
// The queue as operators see it. Reads only; in the thread of the connection.
#pragma once

#include "shared/jobsnapshot.h"
#include "shared/result.h"

namespace takt::store {

class Database;

struct JobFilter {
    QString state; // empty: any. "open": all that are not finished
    QString stage; // empty: any
    QString callSid;
    int limit = 200;
};

// The unfinished first, the oldest of them on top; then the finished, the latest on top.
[[nodiscard]] Result<QList<JobSnapshot>> listJobs(Database &database, const JobFilter &filter);
// An error too when there is no such job.
[[nodiscard]] Result<JobSnapshot> readJob(Database &database, qint64 id);
[[nodiscard]] Result<QList<AttemptSnapshot>> readAttempts(Database &database, qint64 jobId);

struct JobCounts {
    QList<QPair<QString, int>> byState; // of unfinished ones, and of those that finished within the last day
    qint64 oldestOpenMs = 0;            // when the oldest job that may run was made; 0: none
};
[[nodiscard]] Result<JobCounts> countJobs(Database &database);

} // namespace takt::store
