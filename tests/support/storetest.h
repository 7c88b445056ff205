// SPDX-License-Identifier: GPL-3.0-or-later
// A database opened, and looked into. For tests; in the thread of the test.
#pragma once

#include "store/database.h"

#include <QSqlQuery>
#include <QSqlRecord>
#include <QTest>
#include <QVariant>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

inline QVariant value(const std::shared_ptr<store::Database> &database, const QString &sql)
{
    QSqlQuery query(sql, database->handle());
    return query.next() ? query.value(0) : QVariant(u"no row"_s);
}

// All rows; columns with a bar between them.
inline QStringList rows(const std::shared_ptr<store::Database> &database, const QString &sql)
{
    QStringList all;
    QSqlQuery query(sql, database->handle());
    while (query.next()) {
        QStringList columns;
        for (int i = 0; i < query.record().count(); ++i)
            columns << (query.isNull(i) ? u"null"_s : query.value(i).toString());
        all << columns.join(u'|');
    }
    return all;
}

inline QString row(const std::shared_ptr<store::Database> &database, const QString &sql)
{
    return rows(database, sql).value(0, u"no row"_s);
}

inline std::shared_ptr<store::Database> opened(const QString &path)
{
    auto database = store::Database::open(u"sqlite:"_s + path);
    if (!database) {
        QTest::qFail(qPrintable(database.error()), __FILE__, __LINE__);
        return nullptr;
    }
    return std::move(database).value();
}

} // namespace takt::test
