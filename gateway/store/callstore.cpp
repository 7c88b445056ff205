// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/callstore.h"

#include "store/failpoint.h"
#include "store/jobplan.h"
#include "store/sql.h"
#include "store/usagecolumns.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

QSqlError CallStore::write(const CallStarted &s)
{
    // A second stream of a call opens it again, and never overwrites what is known by what is not.
    static const QString s_upsert =
        u"INSERT INTO calls (call_sid, stream_sid, account_sid, business, direction, from_number, to_number, "
        "started_at_ms, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_sid) DO UPDATE SET "
        "stream_sid = excluded.stream_sid, owner = excluded.owner, ended_at_ms = NULL, end_reason = NULL, end_detail = NULL, "_s
        + keep(u"calls"_s, u"account_sid"_s) + u", "_s + keep(u"calls"_s, u"business"_s) + u", "_s
        + keep(u"calls"_s, u"direction"_s) + u", "_s + keep(u"calls"_s, u"from_number"_s) + u", "_s
        + keep(u"calls"_s, u"to_number"_s);
    const QSqlError error = exec(
        m_database, s_upsert,
        {s.callSid, s.streamSid, s.accountSid, s.business, QString(name(s.direction)), s.from, s.to, s.atMs, m_owner});
    if (error.isValid())
        return error;
    if (const QSqlError planned = planJobs(m_database, s.callSid, m_shared.nowMs()); planned.isValid())
        return planned;
    return holdJobs(m_database, s.callSid);
}

QSqlError CallStore::write(const TurnFinished &t)
{
    return exec(
        m_database,
        u"INSERT INTO turns (call_sid, stream_sid, position, item_id, speaker, text, interrupted, generated_ms, "
        "heard_ms, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream_sid, position) DO NOTHING"_s,
        {t.callSid, t.streamSid, t.position, t.itemId, QString(name(t.speaker)), t.text, t.interrupted ? 1 : 0,
         t.generatedMs, t.heardMs, t.atMs});
}

// Whatever the end is worth: a stream that was replaced has cost as much. Without a price, or with two currencies, the sum
// is not known. `usage_stream` lists the streams that are in the sums: a batch whose commit was not confirmed comes again.
QSqlError CallStore::addUsage(const CallEnded &e)
{
    QString sql = u"UPDATE calls SET "_s;
    QVariantList values;
    for (std::size_t i = 0; i < kUsageClasses; ++i) {
        const QString column = usageColumn(UsageClass(i));
        sql += column % u" = "_s % column % u" + ?, "_s;
        values << e.usage.amounts[i];
    }
    const QString currency = e.cost ? e.cost->currency : u""_s;
    sql +=
        u"cost_micros = CASE WHEN usage_stream = '' OR cost_currency = ? THEN cost_micros + ? END, cost_currency = ?, "
        "usage_stream = usage_stream || ' ' || ? WHERE call_sid = ? "
        "AND ' ' || usage_stream || ' ' NOT LIKE '% ' || ? || ' %'"_s;
    values << currency << orNull(e.cost ? e.cost->micros : -1) << currency << e.streamSid << e.callSid << e.streamSid;
    return exec(m_database, sql, values);
}

QSqlError CallStore::write(const CallEnded &e)
{
    if (const QSqlError error = addUsage(e); error.isValid())
        return error;
    // Only the stream that the call is on: the end of one that was replaced is not the call's end.
    const Query ended = run(
        m_database,
        u"UPDATE calls SET ended_at_ms = ?, end_reason = ?, end_detail = ?, interruptions = ?, frames_sent = ?, "
        "frames_silent = ?, frames_dropped = ?, slots_skipped = ?, slots_full = ?, underruns = ?, unsent_max_bytes = ?, "
        "stalls = ?, stalled_ms = ?, late_p50_us = ?, late_p99_us = ?, late_p999_us = ?, worst_late_us = ?, "
        "worst_gap_us = ?, lead_max_ms = ?, bursts = ?, backlog_max_ms = ? WHERE call_sid = ? AND stream_sid = ?"_s,
        {e.atMs, QString(name(e.reason)), e.detail, e.interruptions, e.tx.framesSent, e.tx.framesSilent,
         e.tx.framesDropped, e.tx.slotsSkipped, e.tx.slotsFull, e.tx.underruns, e.tx.unsentMaxBytes, e.tx.stalls,
         e.tx.stalledMs, e.tx.lateP50Us, e.tx.lateP99Us, e.tx.lateP999Us, e.tx.worstLateUs, e.tx.worstGapUs,
         e.tx.leadMaxMs, e.tx.bursts, e.tx.backlogMaxMs, e.callSid, e.streamSid});
    if (ended.lastError().isValid() || ended.numRowsAffected() == 0)
        return ended.lastError();
    failpoint("call-end"); // ended, and its jobs not released: one transaction
    return releaseJobs(m_database, e.callSid, m_shared.nowMs(), 0);
}

} // namespace takt::store
