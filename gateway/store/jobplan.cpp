// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/jobplan.h"

#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kMaxAttempts = 10;
// Heavy stages feed foreign bytes to large programs: whatever keeps dying with one of them, it is not by chance.
constexpr int kMaxRescues = 3;
// The last two do next to nothing, and without them nobody ever hears of the call: in a gateway that dies again and again
// they are victims. (Not without any limit: nobody is infallible.)
constexpr int kMaxRescuesOfLight = 100;

// Each stage needs the one before it. As rows of SQL, since the names are ours.
QString chain()
{
    QStringList pairs;
    for (std::size_t i = 1; i < kStages.size(); ++i)
        pairs << u"(child.stage = '%1' AND parent.stage = '%2')"_s.arg(name(kStages[i]), name(kStages[i - 1]));
    return pairs.join(u" OR "_s);
}

} // namespace

int maxRescues(Stage stage)
{
    return stage == Stage::Lead || stage == Stage::Webhook ? kMaxRescuesOfLight : kMaxRescues;
}

QSqlError lockJobs(const QSqlDatabase &database, const QString &callSid)
{
    if (database.driverName() != "QPSQL"_L1) // SQLite's transactions exclude each other
        return {};
    return exec(database, u"SELECT id FROM jobs WHERE call_sid = ? ORDER BY id FOR UPDATE"_s, {callSid});
}

QSqlError planJobs(const QSqlDatabase &database, const QString &callSid, qint64 nowMs)
{
    // Not as said now: what comes last of a call often says least.
    Query call = run(database, u"SELECT business FROM calls WHERE call_sid = ?"_s, {callSid});
    const QString business = call.next() ? call.value(0).toString() : QString();
    if (call.lastError().isValid())
        return call.lastError();
    call.finish();
    QStringList rows;
    QVariantList values;
    for (std::size_t i = 0; i < kStages.size(); ++i) {
        rows << u"(?, ?, ?, 'pending', ?, ?, 1, ?, ?, ?)"_s;
        // What is nearly done comes first: a call that is finished helps more than two that are half done.
        const int priority = int(kStages.size() - 1 - i);
        values << callSid << business << QString(name(kStages[i])) << priority << nowMs << (i == 0 ? 0 : 1)
               << kMaxAttempts << nowMs;
    }
    const QSqlError error = exec(database,
                                 u"INSERT INTO jobs (call_sid, business, stage, state, priority, run_at_ms, "
                                 "waits_for_call, pending_deps, max_attempts, created_at_ms) VALUES "_s
                                     + rows.join(u", "_s) + u" ON CONFLICT (call_sid, stage) DO NOTHING"_s,
                                 values);
    if (error.isValid())
        return error;
    static const QString s_link =
        u"INSERT INTO job_deps (job_id, parent_id) SELECT child.id, parent.id FROM jobs child "
        "JOIN jobs parent ON parent.call_sid = child.call_sid WHERE child.call_sid = ? AND ("_s
        + chain() + u") ON CONFLICT (job_id, parent_id) DO NOTHING"_s;
    return exec(database, s_link, {callSid});
}

QSqlError holdJobs(const QSqlDatabase &database, const QString &callSid)
{
    QSqlError error = lockJobs(database, callSid);
    if (error.isValid())
        return error;
    error = exec(database,
                 u"UPDATE jobs SET waits_for_call = 1, state = 'pending' WHERE call_sid = ? "
                 "AND state IN ('pending', 'available', 'scheduled', 'retryable')"_s,
                 {callSid});
    if (error.isValid())
        return error;
    return exec(database,
                u"UPDATE jobs SET waits_for_call = 1, stop_requested = CASE WHEN stop_requested = '' THEN 'hold' "
                "ELSE stop_requested END WHERE call_sid = ? AND state = 'running'"_s,
                {callSid});
}

QSqlError releaseJobs(const QSqlDatabase &database, const QString &callSid, qint64 nowMs, qint64 graceMs)
{
    if (const QSqlError error = lockJobs(database, callSid); error.isValid())
        return error;
    // A running one that was told to stop but had not yet heard of it stops all the same, and is available then.
    return exec(database,
                u"UPDATE jobs SET waits_for_call = 0, run_at_ms = ?, created_at_ms = ?, state = CASE "
                "WHEN state <> 'pending' THEN state WHEN pending_deps = 0 THEN 'available' ELSE 'pending' END "
                "WHERE call_sid = ? AND waits_for_call = 1"_s,
                {nowMs + graceMs, nowMs, callSid});
}

QSqlError dropJobs(const QSqlDatabase &database, const QString &callSid)
{
    QSqlError error = lockJobs(database, callSid);
    if (error.isValid())
        return error;
    static const QString s_silent =
        u"call_sid = ? AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.call_sid = jobs.call_sid AND c.stream_sid <> '')"_s;
    error = exec(database, u"UPDATE jobs SET stop_requested = 'cancel' WHERE state = 'running' AND "_s + s_silent,
                 {callSid});
    if (error.isValid())
        return error;
    return exec(database, u"DELETE FROM jobs WHERE state <> 'running' AND "_s + s_silent, {callSid});
}

} // namespace takt::store
