// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Step {
    int version;
    QLatin1StringView file;
};

// Forward only: a step that has been released never changes.
constexpr Step kSteps[] = {
    {1, ":/takt/sql/001_calls.sql"_L1},
    {2, ":/takt/sql/002_carrier_reports.sql"_L1},
};
constexpr int kVersion = 2;

QString run(const QSqlDatabase &database, const QString &sql)
{
    QSqlQuery query(database);
    return query.exec(sql) ? QString() : query.lastError().text();
}

// Without comments, so that a semicolon can only be the end of a statement. Our files hold none inside literals.
QStringList statements(const QByteArray &sql)
{
    QString code;
    for (const QByteArray &line : sql.split('\n'))
        code += QString::fromUtf8(line.first(line.indexOf("--") < 0 ? line.size() : line.indexOf("--"))) + u'\n';
    QStringList all;
    for (const QString &statement : code.split(u';')) {
        if (!statement.trimmed().isEmpty())
            all << statement.trimmed();
    }
    return all;
}

QString apply(const QSqlDatabase &database, const Step &step)
{
    QFile file(step.file);
    if (!file.open(QIODevice::ReadOnly))
        return u"missing resource "_s + step.file;
    const QByteArray sql = file.readAll();
    for (const QString &statement : statements(sql)) {
        if (const QString error = run(database, statement); !error.isEmpty())
            return error;
    }
    QSqlQuery note(database);
    note.prepare(u"INSERT INTO schema_migrations (version, checksum) VALUES (?, ?)"_s);
    note.addBindValue(step.version);
    note.addBindValue(QString::fromLatin1(QCryptographicHash::hash(sql, QCryptographicHash::Sha256).toHex()));
    return note.exec() ? QString() : note.lastError().text();
}

// All of it in one transaction that holds the write lock from its beginning: of two programs that start at the same time
// the second waits, and finds the work done.
QString migrate(const QSqlDatabase &database)
{
    Transaction transaction(database);
    if (!transaction.isOpen())
        return transaction.error().text();
    if (const QString error = run(database, u"CREATE TABLE IF NOT EXISTS schema_migrations "
                                            "(version INTEGER PRIMARY KEY, checksum TEXT NOT NULL)"_s);
        !error.isEmpty())
        return error;
    QSqlQuery query(u"SELECT COALESCE(MAX(version), 0) FROM schema_migrations"_s, database);
    if (!query.next())
        return query.lastError().text();
    const int current = query.value(0).toInt();
    query.finish(); // an open cursor would keep the commit from ending
    if (current > kVersion)
        return u"the schema has version %1, this program knows %2: use a newer takt-gateway"_s.arg(current).arg(
            kVersion);
    for (const Step &step : kSteps) {
        if (step.version <= current)
            continue;
        if (const QString error = apply(database, step); !error.isEmpty())
            return u"schema step %1: %2"_s.arg(step.version).arg(error);
    }
    return transaction.commit() ? QString() : transaction.error().text();
}

} // namespace

Result<std::shared_ptr<Database>> Database::openSqlite(const QString &path)
{
    const QDir folder = QFileInfo(path).absoluteDir();
    if (!folder.mkpath(u"."_s))
        return Error{u"can't create the folder %1"_s.arg(folder.path())};
    std::shared_ptr<Database> database(new Database);
    database->m_handle = QSqlDatabase::addDatabase(u"QSQLITE"_s, QUuid::createUuid().toString(QUuid::WithoutBraces));
    database->m_handle.setDatabaseName(path);
    database->m_handle.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=5000"_s);
    if (!database->m_handle.open())
        return Error{u"can't open the database %1: %2"_s.arg(path, database->m_handle.lastError().text())};
    for (const QString &pragma :
         {u"PRAGMA journal_mode=WAL"_s, u"PRAGMA synchronous=FULL"_s, u"PRAGMA foreign_keys=ON"_s}) {
        if (const QString error = run(database->m_handle, pragma); !error.isEmpty())
            return Error{u"the database %1: %2: %3"_s.arg(path, pragma, error)};
    }
    if (const QString error = migrate(database->m_handle); !error.isEmpty())
        return Error{u"the database %1: %2"_s.arg(path, error)};
    return database;
}

Database::~Database()
{
    const QString name = m_handle.connectionName();
    m_handle.close();
    m_handle = QSqlDatabase(); // the last handle: else removing the connection complains
    QSqlDatabase::removeDatabase(name);
}

Transaction::Transaction(const QSqlDatabase &database)
    : m_database(database)
{
    QSqlQuery query(m_database);
    m_open = query.exec(u"BEGIN IMMEDIATE"_s);
    m_error = query.lastError();
}

Transaction::~Transaction()
{
    if (m_open)
        QSqlQuery(m_database).exec(u"ROLLBACK"_s);
}

bool Transaction::commit()
{
    QSqlQuery query(m_database);
    if (!query.exec(u"COMMIT"_s)) {
        m_error = query.lastError();
        return false;
    }
    m_open = false;
    return true;
}

} // namespace takt::store
