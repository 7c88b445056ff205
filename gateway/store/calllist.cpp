// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/calllist.h"

#include "store/database.h"
#include "store/sql.h"
#include "store/usagecolumns.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

// A pattern that finds the text itself, wherever it stands.
QString containing(QString text)
{
    text.replace(u'\\', u"\\\\"_s).replace(u'%', u"\\%"_s).replace(u'_', u"\\_"_s);
    return u'%' + text.toLower() + u'%';
}

} // namespace

Result<QList<CallRecord>> listCalls(Database &database, const CallFilter &filter)
{
    QString sql =
        u"SELECT call_sid, business, direction, from_number, to_number, started_at_ms, ended_at_ms, end_reason, "
        "interruptions, worst_late_us, duration_seconds, "_s
        % usageColumns() % u" FROM calls WHERE 1 = 1"_s;
    QVariantList values;
    if (filter.beforeMs > 0) { // a pair, compared as one: the index goes straight there
        sql += u" AND (started_at_ms, call_sid) < (?, ?)"_s;
        values << filter.beforeMs << filter.beforeSid;
    }
    if (!filter.text.isEmpty()) {
        sql += u" AND (LOWER(from_number) LIKE ? ESCAPE '\\' OR LOWER(to_number) LIKE ? ESCAPE '\\' "
               "OR LOWER(business) LIKE ? ESCAPE '\\' OR LOWER(call_sid) LIKE ? ESCAPE '\\')"_s;
        for (int i = 0; i < 4; ++i)
            values << containing(filter.text);
    }
    sql += u" ORDER BY started_at_ms DESC, call_sid DESC LIMIT ?"_s;
    values << filter.limit;
    Query query = run(database.handle(), sql, values);
    if (query.lastError().isValid())
        return failure(query.lastError());
    QList<CallRecord> all;
    while (query.next()) {
        CallRecord c;
        c.callSid = query.value(0).toString();
        c.business = query.value(1).toString();
        c.direction = query.value(2).toString();
        c.from = query.value(3).toString();
        c.to = query.value(4).toString();
        c.startedAtMs = query.value(5).toLongLong();
        c.endedAtMs = query.value(6).toLongLong();
        c.endReason = query.value(7).toString();
        c.interruptions = query.value(8).toLongLong();
        c.worstLateUs = query.value(9).toLongLong();
        c.durationSeconds = query.isNull(10) ? -1 : query.value(10).toInt();
        c.tokens = readUsage(query, 11).tokens();
        c.cost = readCost(query, 11);
        all << c;
    }
    return all;
}

} // namespace takt::store
