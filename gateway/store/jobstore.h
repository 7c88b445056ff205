// SPDX-License-Identifier: GPL-3.0-or-later
// The queue: jobs in SQL, the same on SQLite and PostgreSQL. Any number of processes may work on one database: a job is
// claimed by one of them for a lease, and every later write names the lease's token, so that who has lost it writes
// nothing any more. At least once, never twice at a time. Lives in the thread of its database connection; each function
// is a transaction of its own.
#pragma once

#include "shared/result.h"
#include "store/job.h"

#include <QHash>
#include <QVariant>

namespace takt::store {

class Database;

inline constexpr qint64 kLeaseMs = 45'000;
inline constexpr qint64 kHeartbeatMs = 10'000; // at least three of them in a lease

// What a heartbeat has to tell a running job.
enum class Order { Go, Cancel, Hold, Lost };

class JobStore
{
public:
    explicit JobStore(Database &database)
        : m_database(database)
    {
    }

    // Jobs of these stages that may run now, the most urgent first; those whose call is active are not among them.
    [[nodiscard]] Result<QList<Job>> claim(const QString &worker, const QList<Stage> &stages, int count);
    // Ends the attempt, with all its effects, and releases what waited for the job. False: the lease is lost, and nothing
    // was written.
    [[nodiscard]] Result<bool> finish(const Job &job, const Outcome &outcome);
    // False: the lease is lost.
    [[nodiscard]] Result<bool> saveProgress(const Job &job, double fraction, const QString &text);
    [[nodiscard]] Result<bool> saveCheckpoint(const Job &job, const QJsonObject &checkpoint);
    // Why the job stands still; empty: it runs.
    [[nodiscard]] Result<bool> saveHeld(const Job &job, const QString &reason);
    // Prolongs the leases. What each job is told, by its id.
    [[nodiscard]] Result<QHash<qint64, Order>> heartbeat(const QList<Job> &jobs);

    // Jobs whose lease ran out, or whose worker is among the dead ones, can be claimed again, at no attempt's cost; too often,
    // and they fail. How many there were.
    [[nodiscard]] Result<int> rescue(const QStringList &deadWorkers);
    // Removes jobs that ended before. Their results, leads and messages stay. How many.
    [[nodiscard]] Result<int> prune(qint64 finishedBeforeMs, int atMost = 1000);

    // Operators. Empty on success; else why not.
    [[nodiscard]] QString cancel(qint64 id);
    // Runs a finished job again, and what comes behind it, unless that runs now; a waiting one now.
    [[nodiscard]] QString retry(qint64 id);
    // Of one stage, or of all ('*').
    [[nodiscard]] QString setPaused(const QString &queue, bool paused);
    [[nodiscard]] Result<QStringList> paused();

private:
    // Of a job that is still ours.
    [[nodiscard]] Result<bool> update(const Job &job, const QString &assignments, QVariantList values);

    Database &m_database;
};

} // namespace takt::store
