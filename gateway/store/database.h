// SPDX-License-Identifier: GPL-3.0-or-later
// One database connection, to SQLite or PostgreSQL, and the schema's history. A connection belongs to the thread that
// opened it: open() it there, and destroy it there. Never in the main, TX or call threads.
#pragma once

#include "shared/result.h"

#include <QSqlDatabase>
#include <QSqlError>

#include <functional>
#include <memory>

class QObject;

namespace takt::store {

class Database
{
public:
    // "sqlite:PATH", or "postgresql://user:password@host:port/name". SQLite: creates the file and its folder where needed,
    // with a write-ahead log and full durability (a commit survives a power failure). Brings the schema up to date; refuses
    // one that is newer than this program.
    [[nodiscard]] static Result<std::shared_ptr<Database>> open(const QString &url);
    // A further connection to a database that was opened before: the schema is taken for granted.
    [[nodiscard]] static Result<std::shared_ptr<Database>> connect(const QString &url);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    [[nodiscard]] QSqlDatabase handle() const { return m_handle; }
    [[nodiscard]] bool isPostgres() const { return m_postgres; }
    // The database's own clock: the same for all who share it. -1: it does not answer.
    [[nodiscard]] qint64 nowMs();
    // After an error: connects anew where the connection is gone. False: still gone.
    bool revive();
    // Tells the others that there is something to do, after the commit; only a hint, which may be lost. SQLite has none.
    void hint();
    // Calls back in this thread, for as long as the receiver lives, when another connection has hinted.
    void listen(QObject *receiver, std::function<void()> callback);

    // For tests: a clock to be set by hand.
    void setClock(std::function<qint64()> clock) { m_clock = std::move(clock); }

private:
    Database() = default;
    QSqlDatabase m_handle;
    std::function<qint64()> m_clock;
    bool m_postgres = false;
    bool m_listens = false;
};

// Where hints come from, see Database::hint().
inline constexpr QLatin1StringView kHintChannel{"takt_jobs"};
// "postgresql://user:***@host/name": fit for a log.
[[nodiscard]] QString redacted(const QString &url);
// Not the disk, not a lock, not the network: this very statement can't be executed, now or ever.
[[nodiscard]] bool isHopeless(const QSqlError &error);

// For a connection that is closed, as the driver leaves it when the server is gone: Qt has no error to tell then.
[[nodiscard]] QSqlError noConnection();

// Rolls back unless committed. SQLite: takes the write lock at once (BEGIN IMMEDIATE); QSqlDatabase::transaction() would
// take it at the first write, and fail there without waiting when another connection has written meanwhile.
class Transaction
{
public:
    explicit Transaction(const Database &database);
    ~Transaction();
    Q_DISABLE_COPY_MOVE(Transaction)

    [[nodiscard]] bool isOpen() const { return m_open; }
    [[nodiscard]] bool commit();
    [[nodiscard]] const QSqlError &error() const { return m_error; }

private:
    QSqlDatabase m_database;
    QSqlError m_error;
    bool m_open = false;
};

} // namespace takt::store
