// SPDX-License-Identifier: GPL-3.0-or-later
// One database connection, and the schema's history. A connection belongs to the thread that opened it: open() it there,
// and destroy it there. Never in the main, TX or call threads.
#pragma once

#include "shared/result.h"

#include <QSqlDatabase>
#include <QSqlError>

#include <memory>

namespace takt::store {

class Database
{
public:
    // Opens the file, creating it and its folder where needed, with a write-ahead log and full durability (a commit
    // survives a power failure), and brings the schema up to date. Refuses a schema newer than this program.
    [[nodiscard]] static Result<std::shared_ptr<Database>> openSqlite(const QString &path);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    [[nodiscard]] QSqlDatabase handle() const { return m_handle; }

private:
    Database() = default;
    QSqlDatabase m_handle;
};

// Rolls back unless committed. Takes the write lock at once (BEGIN IMMEDIATE): QSqlDatabase::transaction() would take
// it at the first write, and fail there without waiting when another connection has written meanwhile.
class Transaction
{
public:
    explicit Transaction(const QSqlDatabase &database);
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
