// SPDX-License-Identifier: GPL-3.0-or-later
// Small helpers of the stores. Only for this room's own files; in the thread of the connection.
#pragma once

#include "shared/result.h"
#include "store/database.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

namespace takt::store {

// As it can be stored: neither database takes the character 0 for text (to PostgreSQL it ends the statement), nor half a
// character of UTF-16; and Qt binds a null string as NULL.
[[nodiscard]] inline QVariant bindable(const QVariant &value)
{
    if (value.typeId() != QMetaType::QString)
        return value;
    QString text = value.toString();
    if (text.contains(QChar(0)))
        text.remove(QChar(0));
    if (!text.isValidUtf16())
        text = QString::fromUtf8(text.toUtf8());
    return text.isNull() ? QStringLiteral("") : text;
}

// A query that has been executed; its error is valid if that failed. Of a connection that is closed, as the driver leaves
// it when the server is gone, Qt has no error to tell: without ours that would look like success.
class Query : public QSqlQuery
{
public:
    explicit Query(const QSqlDatabase &database)
        : QSqlQuery(database)
        , m_open(database.isOpen())
    {
    }
    [[nodiscard]] QSqlError lastError() const { return m_open ? QSqlQuery::lastError() : noConnection(); }

private:
    bool m_open;
};

[[nodiscard]] inline Query run(const QSqlDatabase &database, const QString &sql, const QVariantList &values = {})
{
    Query query(database);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return query;
    for (const QVariant &value : values)
        query.addBindValue(bindable(value));
    query.exec();
    return query;
}

[[nodiscard]] inline QSqlError exec(const QSqlDatabase &database, const QString &sql, const QVariantList &values = {})
{
    return run(database, sql, values).lastError();
}

[[nodiscard]] inline QVariant orNull(qint64 value)
{
    return value < 0 ? QVariant(QMetaType(QMetaType::LongLong)) : QVariant(value);
}

// SQL: what is new, unless it says nothing.
[[nodiscard]] inline QString keep(const QString &table, const QString &column)
{
    return QStringLiteral("%2 = CASE WHEN excluded.%2 <> '' THEN excluded.%2 ELSE %1.%2 END").arg(table, column);
}

[[nodiscard]] inline QString jsonText(const QJsonObject &object)
{
    return object.isEmpty() ? QStringLiteral("")
                            : QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

[[nodiscard]] inline QJsonObject jsonObject(const QVariant &text)
{
    return QJsonDocument::fromJson(text.toString().toUtf8()).object();
}

[[nodiscard]] inline Error failure(const QSqlError &error)
{
    return Error{error.isValid() ? error.text() : noConnection().text()};
}

} // namespace takt::store
