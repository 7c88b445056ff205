// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/callstore.h"

#include "shared/jobfacts.h"
#include "store/jobplan.h"
#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

// A call without an agent's stream may turn out to be a leg of another one, whose report is late.
constexpr qint64 kGraceMs = 10'000;

// How sure a recording's status is: what comes late never takes it back.
int recordingProgress(const QString &status)
{
    if (status == "completed"_L1)
        return 3;
    if (status == "absent"_L1)
        return 2;
    return status == "in-progress"_L1 ? 1 : 0;
}

// A status and its progress, which only grow.
QString advance(const QString &table, const QString &status, const QString &progress)
{
    return u"%2 = CASE WHEN excluded.%3 > %1.%3 THEN excluded.%2 ELSE %1.%2 END, "
           "%3 = CASE WHEN excluded.%3 > %1.%3 THEN excluded.%3 ELSE %1.%3 END"_s.arg(table, status, progress);
}

// The row that reports are about must exist: whoever looks for a call's recordings begins there.
QSqlError ensureCall(const QSqlDatabase &database, const QString &callSid, qint64 atMs)
{
    return exec(database,
                u"INSERT INTO calls (call_sid, stream_sid, started_at_ms) VALUES (?, '', ?) "
                "ON CONFLICT (call_sid) DO NOTHING"_s,
                {callSid, atMs});
}

// The call that a SID belongs to: its own, or that of the leg's call.
QString callOf(const QSqlDatabase &database, const QString &sid)
{
    Query query = run(database, u"SELECT call_sid FROM legs WHERE leg_sid = ?"_s, {sid});
    return query.next() ? query.value(0).toString() : sid;
}

QSqlError writeLeg(const QSqlDatabase &database, const CallReport &r, const QString &parent)
{
    static const QString s_upsert =
        u"INSERT INTO legs (leg_sid, call_sid, from_number, to_number, status, progress, duration_seconds, at_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (leg_sid) DO UPDATE SET "_s
        + keep(u"legs"_s, u"from_number"_s) + u", "_s + keep(u"legs"_s, u"to_number"_s) + u", "_s
        + advance(u"legs"_s, u"status"_s, u"progress"_s)
        + u", duration_seconds = COALESCE(excluded.duration_seconds, legs.duration_seconds)"_s;
    // What came before anybody knew that it is a leg: of this one, and of its own legs.
    static const QString s_adopt =
        u"INSERT INTO legs (leg_sid, call_sid, from_number, to_number, status, progress, duration_seconds, at_ms) "
        "SELECT call_sid, ?, from_number, to_number, carrier_status, carrier_progress, duration_seconds, started_at_ms "
        "FROM calls WHERE call_sid = ? AND stream_sid = '' ON CONFLICT (leg_sid) DO NOTHING"_s;
    const QSqlError errors[] = {
        ensureCall(database, parent, r.atMs),
        exec(database, s_adopt, {parent, r.callSid}),
        exec(database, s_upsert,
             {r.callSid, parent, r.from, r.to, r.status, progressOf(r.status), orNull(r.durationSeconds), r.atMs}),
        exec(database, u"UPDATE legs SET call_sid = ? WHERE call_sid = ?"_s, {parent, r.callSid}),
        exec(database, u"UPDATE recordings SET call_sid = ? WHERE call_sid = ?"_s, {parent, r.callSid}),
        dropJobs(database, r.callSid),
        exec(database, u"DELETE FROM calls WHERE call_sid = ? AND stream_sid = ''"_s, {r.callSid}),
    };
    for (const QSqlError &error : errors) {
        if (error.isValid())
            return error;
    }
    return {};
}

} // namespace

QSqlError CallStore::write(const CallReport &r)
{
    // Of a leg's leg: the call that all of them belong to.
    const QString parent = callOf(m_database, r.parentCallSid.isEmpty() ? r.callSid : r.parentCallSid);
    if (parent != r.callSid)
        return writeLeg(m_database, r, parent);
    const QString calls = u"calls"_s;
    static const QString s_upsert =
        u"INSERT INTO calls (call_sid, stream_sid, account_sid, business, direction, from_number, to_number, "
        "started_at_ms, carrier_status, carrier_progress, answered_by, duration_seconds, owner) "
        "VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_sid) DO UPDATE SET "_s
        + keep(calls, u"account_sid"_s) + u", "_s + keep(calls, u"business"_s) + u", "_s + keep(calls, u"direction"_s)
        + u", "_s + keep(calls, u"from_number"_s) + u", "_s + keep(calls, u"to_number"_s) + u", "_s
        + keep(calls, u"answered_by"_s) + u", "_s + advance(calls, u"carrier_status"_s, u"carrier_progress"_s)
        + u", duration_seconds = COALESCE(excluded.duration_seconds, calls.duration_seconds)"_s;
    const QSqlError error = exec(m_database, s_upsert,
                                 {r.callSid, r.accountSid, r.business, r.direction, r.from, r.to, r.atMs, r.status,
                                  progressOf(r.status), r.answeredBy, orNull(r.durationSeconds), m_owner});
    if (error.isValid() || !r.isFinal())
        return error;
    // A call without a stream ends here; that of one with a stream is written by the call itself.
    const Query ended = run(m_database,
                            u"UPDATE calls SET ended_at_ms = ?, end_reason = ? "
                            "WHERE call_sid = ? AND stream_sid = '' AND ended_at_ms IS NULL"_s,
                            {r.atMs, QString(u"carrier_"_s + QString(r.status).replace(u'-', u'_')), r.callSid});
    if (ended.lastError().isValid() || ended.numRowsAffected() == 0)
        return ended.lastError();
    const qint64 now = m_shared.nowMs();
    if (const QSqlError planned = planJobs(m_database, r.callSid, now); planned.isValid())
        return planned;
    return releaseJobs(m_database, r.callSid, now, kGraceMs);
}

QSqlError CallStore::write(const RecordingReport &r)
{
    const QString call = callOf(m_database, r.callSid);
    if (const QSqlError error = ensureCall(m_database, call, r.atMs); error.isValid())
        return error;
    const QString table = u"recordings"_s;
    static const QString s_upsert =
        u"INSERT INTO recordings (recording_sid, call_sid, url, status, progress, duration_seconds, channels, source, "
        "error_code, started_at_ms, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (recording_sid) DO UPDATE SET "_s
        + keep(table, u"url"_s) + u", "_s + keep(table, u"source"_s) + u", "_s
        + advance(table, u"status"_s, u"progress"_s)
        + u", duration_seconds = COALESCE(excluded.duration_seconds, recordings.duration_seconds), "
          "channels = COALESCE(excluded.channels, recordings.channels), "
          "started_at_ms = COALESCE(excluded.started_at_ms, recordings.started_at_ms), "
          "error_code = CASE WHEN excluded.error_code <> 0 THEN excluded.error_code ELSE recordings.error_code END"_s;
    const QSqlError error = exec(m_database, s_upsert,
                                 {r.recordingSid.isEmpty() ? r.callSid : r.recordingSid, call, r.url, r.status,
                                  recordingProgress(r.status), orNull(r.durationSeconds), orNull(r.channels), r.source,
                                  r.errorCode, orNull(r.startedAtMs > 0 ? r.startedAtMs : -1), r.atMs});
    if (error.isValid() || recordingProgress(r.status) < 2)
        return error;
    // Whoever waits for it need not wait any longer.
    return exec(m_database,
                u"UPDATE jobs SET state = 'available', run_at_ms = ? WHERE call_sid = ? AND stage = ? "
                "AND state = 'scheduled'"_s,
                {m_shared.nowMs(), call, QString(name(Stage::Download))});
}

QSqlError CallStore::write(const StreamReport &r)
{
    if (r.error.isEmpty())
        return {};
    if (const QSqlError error = ensureCall(m_database, r.callSid, r.atMs); error.isValid())
        return error;
    return exec(m_database, u"UPDATE calls SET stream_error = ? WHERE call_sid = ?"_s, {r.error, r.callSid});
}

} // namespace takt::store
