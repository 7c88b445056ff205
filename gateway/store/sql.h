// SPDX-License-Identifier: GPL-3.0-or-later
// Small helpers of the stores. Only for this room's own files; in the thread of the connection.
#pragma once

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

namespace takt::store {

[[nodiscard]] inline QSqlError exec(const QSqlDatabase &database, const QString &sql, const QVariantList &values)
{
    QSqlQuery query(database);
    if (!query.prepare(sql))
        return query.lastError();
    for (const QVariant &value : values)
        query.addBindValue(value);
    return query.exec() ? QSqlError() : query.lastError();
}

// Qt binds a null string as NULL.
[[nodiscard]] inline QString notNull(const QString &text)
{
    return text.isNull() ? QStringLiteral("") : text;
}

// SQL: what is new, unless it says nothing.
[[nodiscard]] inline QString keep(const QString &table, const QString &column)
{
    return QStringLiteral("%2 = CASE WHEN excluded.%2 <> '' THEN excluded.%2 ELSE %1.%2 END").arg(table, column);
}

} // namespace takt::store
