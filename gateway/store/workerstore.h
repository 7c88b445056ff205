// SPDX-License-Identifier: GPL-3.0-or-later
// The processes that share a database: who is alive, who is dead, and what the dead ones left behind. Lives in the thread
// of its database connection; each function is a transaction of its own.
#pragma once

#include "shared/result.h"

#include <QStringList>

namespace takt::store {

class Database;

// Where the kernel tells of processes, see proc(5).
inline constexpr QLatin1StringView kProcesses{"/proc"};
// A process is dead when its heartbeat is that old; on our own host as soon as it is gone, where the kernel tells that it is
// our own.
inline constexpr qint64 kWorkerDeadMs = 45'000;
// A call that a dead process only heard of is over when the carrier says nothing more of it for so long.
inline constexpr qint64 kSilentMs = 10'000;

struct Worker {
    QString uid; // unique for the process
    QString host;
    QString bootId;
    qint64 pid = 0;
    qint64 pidStarted = 0; // clock ticks after boot
    QString role;
    QString version;
    int slotCount = 0;
    int activeCalls = 0;
    qint64 heartbeatAtMs = 0;
};
// Of this very process.
[[nodiscard]] Worker thisWorker(const QString &role, int slotCount);

class WorkerStore
{
public:
    explicit WorkerStore(Database &database, const QString &processes = kProcesses)
        : m_database(database)
        , m_processes(processes)
    {
    }

    // Now and every kHeartbeatMs. Empty on success.
    [[nodiscard]] QString announce(const Worker &worker);
    // It goes, and leaves nothing behind.
    [[nodiscard]] QString retire(const QString &uid);
    [[nodiscard]] Result<QList<Worker>> all();
    // Of those announced: the dead ones.
    [[nodiscard]] Result<QStringList> dead(const Worker &self);
    // Forgets them, and ends the calls that nobody has any more: their jobs are released. How many calls.
    [[nodiscard]] Result<int> bury(const QStringList &deadWorkers);
    // Calls without a stream that began before: the carrier's last word was lost. How many.
    [[nodiscard]] Result<int> endForgottenCalls(qint64 startedBeforeMs);
    // Live calls of the other processes of this host.
    [[nodiscard]] Result<int> activeCallsBeside(const Worker &self);

private:
    Database &m_database;
    const QString m_processes;
};

} // namespace takt::store
