// SPDX-License-Identifier: GPL-3.0-or-later
// Calls and turns in SQL, and with them the calls' jobs: planned when a call begins, released when it ends. Every write
// can be repeated without harm: after a failed commit nobody knows whether it took place. Lives in the thread of its
// database connection; inside the caller's transaction.
#pragma once

#include "shared/callfacts.h"
#include "store/database.h"

#include <QSqlError>

namespace takt::store {

class CallStore
{
public:
    // `owner`: the process that has the calls, as it is announced in WorkerStore.
    CallStore(Database &database, const QString &owner)
        : m_database(database.handle())
        , m_shared(database)
        , m_owner(owner)
    {
    }

    // Each: an invalid (empty) error on success.
    [[nodiscard]] QSqlError write(const CallStarted &started);
    [[nodiscard]] QSqlError write(const TurnFinished &turn);
    [[nodiscard]] QSqlError write(const CallEnded &ended);
    // What the carrier says: in any order, any number of times; nothing known is lost to something empty.
    [[nodiscard]] QSqlError write(const CallReport &report);
    [[nodiscard]] QSqlError write(const RecordingReport &report);
    [[nodiscard]] QSqlError write(const StreamReport &report);

private:
    [[nodiscard]] QSqlError addUsage(const CallEnded &ended);

    QSqlDatabase m_database;
    Database &m_shared;
    const QString m_owner;
};

} // namespace takt::store
