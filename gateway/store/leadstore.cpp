// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/leadstore.h"

#include "store/database.h"
#include "store/sql.h"

#include <QUuid>

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

const QString kColumns =
    u"SELECT id, business, phone, name, city, city_confidence, service, service_confidence, status, status_source, "
    "status_confidence, first_direction, calls, last_call_sid, created_at_ms, updated_at_ms FROM leads "_s;

Lead leadOf(const QSqlQuery &row)
{
    Lead l;
    l.id = row.value(0).toLongLong();
    l.business = row.value(1).toString();
    l.phone = row.value(2).toString();
    l.name = row.value(3).toString();
    l.city = row.value(4).toString();
    l.cityConfidence = row.value(5).toDouble();
    l.service = row.value(6).toString();
    l.serviceConfidence = row.value(7).toDouble();
    l.status = row.value(8).toString();
    l.statusSource = row.value(9).toString();
    l.statusConfidence = row.value(10).toDouble();
    l.firstDirection = row.value(11).toString();
    l.calls = row.value(12).toInt();
    l.lastCallSid = row.value(13).toString();
    l.createdAtMs = row.value(14).toLongLong();
    l.updatedAtMs = row.value(15).toLongLong();
    return l;
}

// SQL: a value and how sure it is, replaced only by what is said, and only where nothing is known or the new one is sure.
QString surer(const QString &column)
{
    return u"%1 = CASE WHEN excluded.%1 <> '' AND (leads.%1 = '' OR excluded.%1_confidence > %2) THEN excluded.%1 "
           "ELSE leads.%1 END, %1_confidence = CASE WHEN excluded.%1 <> '' AND (leads.%1 = '' "
           "OR excluded.%1_confidence > %2) THEN excluded.%1_confidence ELSE leads.%1_confidence END"_s.arg(column)
               .arg(kSureEnough);
}

// The lead's row, locked from here to the transaction's end.
Result<Lead> upsert(const QSqlDatabase &database, const QString &business, const LeadChange &c, qint64 now)
{
    static const QString s_upsert =
        u"INSERT INTO leads (business, phone, name, city, city_confidence, service, service_confidence, status, "
        "first_direction, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (business, phone) DO UPDATE SET "_s
        + keep(u"leads"_s, u"name"_s) + u", "_s + surer(u"city"_s) + u", "_s + surer(u"service"_s)
        + u", first_direction = CASE WHEN leads.first_direction = '' THEN excluded.first_direction "
          "ELSE leads.first_direction END, updated_at_ms = excluded.updated_at_ms"_s;
    const QSqlError error = exec(database, s_upsert,
                                 {business, c.phone, c.name, c.city, c.cityConfidence, c.service, c.serviceConfidence,
                                  c.firstStatus, c.direction, now, now});
    if (error.isValid())
        return failure(error);
    Query row = run(database, kColumns + u"WHERE business = ? AND phone = ?"_s, {business, c.phone});
    return row.next() ? Result<Lead>(leadOf(row)) : failure(row.lastError());
}

// Whether it was new: each call has each effect once.
Result<bool> noteEvent(const QSqlDatabase &database, qint64 leadId, const LeadEvent &event)
{
    const Query query = run(database,
                            u"INSERT INTO lead_events (lead_id, call_sid, effect, from_value, to_value, detail, "
                            "at_ms) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_sid, effect) DO NOTHING"_s,
                            {leadId, event.callSid, event.effect, event.from, event.to, event.detail, event.atMs});
    if (query.lastError().isValid())
        return failure(query.lastError());
    return query.numRowsAffected() > 0;
}

QSqlError countCall(const QSqlDatabase &database, const QString &callSid, qint64 leadId, const LeadChange &c,
                    qint64 now)
{
    const auto isNew = noteEvent(database, leadId, {callSid, u"call"_s, {}, {}, c.note, now});
    if (!isNew)
        return QSqlError(isNew.error(), {}, QSqlError::StatementError);
    if (*isNew)
        return exec(database, u"UPDATE leads SET calls = calls + 1, last_call_sid = ? WHERE id = ?"_s,
                    {callSid, leadId});
    // Done again, with better knowledge perhaps: the note is the newest.
    return c.note.isEmpty()
               ? QSqlError()
               : exec(database, u"UPDATE lead_events SET detail = ? WHERE call_sid = ? AND effect = 'call'"_s,
                      {c.note, callSid});
}

QSqlError suggestStatus(const QSqlDatabase &database, const QString &callSid, const Lead &lead, const LeadChange &c,
                        qint64 now)
{
    if (c.status.isEmpty() || c.statusConfidence < kStatusEnough || lead.statusSource == "manual"_L1
        || c.status == lead.status)
        return {};
    const auto isNew = noteEvent(database, lead.id, {callSid, u"status"_s, lead.status, c.status, c.statusSource, now});
    if (!isNew)
        return QSqlError(isNew.error(), {}, QSqlError::StatementError);
    if (!*isNew)
        return {};
    return exec(database,
                u"UPDATE leads SET status = ?, status_source = ?, status_confidence = ? WHERE id = ? "
                "AND status_source <> 'manual'"_s,
                {c.status, c.statusSource, c.statusConfidence, lead.id});
}

} // namespace

QSqlError LeadStore::apply(const QString &callSid, const QString &business, const LeadChange &change)
{
    const qint64 now = m_database.nowMs();
    const QSqlDatabase database = m_database.handle();
    const auto lead = upsert(database, business, change, now);
    if (!lead)
        return QSqlError(lead.error(), {}, QSqlError::StatementError);
    if (const QSqlError error = countCall(database, callSid, lead->id, change, now); error.isValid())
        return error;
    return suggestStatus(database, callSid, *lead, change, now);
}

Result<QList<Lead>> LeadStore::list(const QString &business, int limit)
{
    Query row = business.isEmpty()
                    ? run(m_database.handle(), kColumns + u"ORDER BY updated_at_ms DESC, id DESC LIMIT ?"_s, {limit})
                    : run(m_database.handle(),
                          kColumns + u"WHERE business = ? ORDER BY updated_at_ms DESC, id DESC LIMIT ?"_s,
                          {business, limit});
    if (row.lastError().isValid())
        return failure(row.lastError());
    QList<Lead> all;
    while (row.next())
        all << leadOf(row);
    return all;
}

Result<Lead> LeadStore::lead(qint64 id)
{
    Query row = run(m_database.handle(), kColumns + u"WHERE id = ?"_s, {id});
    if (row.lastError().isValid())
        return failure(row.lastError());
    return row.next() ? Result<Lead>(leadOf(row)) : Error{u"there is no lead %1"_s.arg(id)};
}

Result<std::optional<Lead>> LeadStore::byPhone(const QString &business, const QString &phone)
{
    Query row = run(m_database.handle(), kColumns + u"WHERE business = ? AND phone = ?"_s, {business, phone});
    if (row.lastError().isValid())
        return failure(row.lastError());
    return row.next() ? std::optional(leadOf(row)) : std::optional<Lead>();
}

Result<QList<LeadEvent>> LeadStore::history(qint64 leadId)
{
    Query row = run(m_database.handle(),
                    u"SELECT call_sid, effect, from_value, to_value, detail, at_ms FROM lead_events "
                    "WHERE lead_id = ? ORDER BY id"_s,
                    {leadId});
    if (row.lastError().isValid())
        return failure(row.lastError());
    QList<LeadEvent> all;
    while (row.next()) {
        const QString call = row.value(0).toString();
        all.append({call.startsWith("manual:"_L1) ? QString() : call, row.value(1).toString(), row.value(2).toString(),
                    row.value(3).toString(), row.value(4).toString(), row.value(5).toLongLong()});
    }
    return all;
}

QString LeadStore::setStatus(qint64 id, const QString &status)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error()).text;
    const QSqlDatabase database = m_database.handle();
    const auto before = lead(id);
    if (!before)
        return before.error();
    const QSqlError error = exec(database,
                                 u"UPDATE leads SET status = ?, status_source = 'manual', status_confidence = 1, "
                                 "updated_at_ms = ? WHERE id = ?"_s,
                                 {status, now, id});
    if (error.isValid())
        return error.text();
    const QString edit = u"manual:"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
    const auto noted = noteEvent(database, id, {edit, u"status"_s, before->status, status, u"manual"_s, now});
    if (!noted)
        return noted.error();
    return transaction.commit() ? QString() : transaction.error().text();
}

} // namespace takt::store
