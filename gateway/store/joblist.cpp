// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/joblist.h"

#include "store/database.h"
#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kDayMs = 24 * 3'600'000;

// The last two columns tell what a pending one waits for: a parent, or a pause.
const QString &columns()
{
    static const QString s_columns =
        u"SELECT jobs.id, call_sid, business, stage, state, reason, attempt, max_attempts, snoozes, rescues, "
        "interruptions, progress, progress_text, lease_owner, run_at_ms, created_at_ms, claimed_at_ms, "
        "finished_at_ms, waits_for_call, held_reason, "
        "(SELECT MIN(p.stage) FROM job_deps d JOIN jobs p ON p.id = d.parent_id "
        "WHERE d.job_id = jobs.id AND p.finished_at_ms IS NULL), "
        "(SELECT COUNT(*) FROM queues q WHERE q.paused = 1 AND q.name IN (jobs.stage, '*')) FROM jobs "_s;
    return s_columns;
}

QString waitingFor(const QSqlQuery &row, const QString &state)
{
    if (state == "running"_L1)
        return row.value(19).toString();
    if (state == "pending"_L1)
        return row.value(18).toInt() != 0 ? u"call active"_s : u"waits for "_s + row.value(20).toString();
    const bool open = state == "available"_L1 || state == "scheduled"_L1 || state == "retryable"_L1;
    return open && row.value(21).toInt() > 0 ? u"paused"_s : QString();
}

JobSnapshot snapshotOf(const QSqlQuery &row)
{
    JobSnapshot s;
    s.id = row.value(0).toLongLong();
    s.callSid = row.value(1).toString();
    s.business = row.value(2).toString();
    s.stage = row.value(3).toString();
    s.state = row.value(4).toString();
    s.reason = row.value(5).toString();
    s.attempt = row.value(6).toInt();
    s.maxAttempts = row.value(7).toInt();
    s.snoozes = row.value(8).toInt();
    s.rescues = row.value(9).toInt();
    s.interruptions = row.value(10).toInt();
    s.progress = row.value(11).toDouble();
    s.progressText = row.value(12).toString();
    s.worker = row.value(13).toString();
    s.runAtMs = row.value(14).toLongLong();
    s.createdAtMs = row.value(15).toLongLong();
    s.claimedAtMs = row.value(16).toLongLong();
    s.finishedAtMs = row.value(17).toLongLong();
    s.waiting = waitingFor(row, s.state);
    return s;
}

Result<QList<JobSnapshot>> snapshots(const QSqlDatabase &database, const QString &where, const QVariantList &values)
{
    Query query = run(database, columns() + where, values);
    if (query.lastError().isValid())
        return failure(query.lastError());
    QList<JobSnapshot> all;
    while (query.next())
        all << snapshotOf(query);
    return all;
}

} // namespace

Result<QList<JobSnapshot>> listJobs(Database &database, const JobFilter &filter)
{
    QString narrowed;
    QVariantList values;
    const auto narrow = [&](const QString &column, const QString &value) {
        if (value.isEmpty())
            return;
        narrowed += u" AND "_s + column + u" = ?"_s;
        values << value;
    };
    narrow(u"state"_s, filter.state == "open"_L1 ? QString() : filter.state);
    narrow(u"stage"_s, filter.stage);
    narrow(u"call_sid"_s, filter.callSid);
    // Two lists, so that each has its index: nothing here grows with the history.
    const auto open = snapshots(database.handle(),
                                u"WHERE finished_at_ms IS NULL"_s + narrowed + u" ORDER BY created_at_ms, id LIMIT ?"_s,
                                values + QVariantList{filter.limit});
    if (!open || filter.state == "open"_L1 || open->size() >= filter.limit)
        return open;
    const auto finished = snapshots(database.handle(),
                                    u"WHERE finished_at_ms IS NOT NULL"_s + narrowed
                                        + u" ORDER BY finished_at_ms DESC, id DESC LIMIT ?"_s,
                                    values + QVariantList{filter.limit - int(open->size())});
    return finished ? Result<QList<JobSnapshot>>(*open + *finished) : finished;
}

Result<JobSnapshot> readJob(Database &database, qint64 id)
{
    const auto found = snapshots(database.handle(), u"WHERE jobs.id = ?"_s, {id});
    if (!found)
        return Error{found.error()};
    return found->isEmpty() ? Result<JobSnapshot>(Error{u"there is no job %1"_s.arg(id)}) : found->front();
}

Result<QList<AttemptSnapshot>> readAttempts(Database &database, qint64 jobId)
{
    Query query = run(database.handle(),
                      u"SELECT worker, outcome, error, started_at_ms, ended_at_ms, exit_code, cpu_ms, max_rss_kb, "
                      "log_tail FROM job_attempts WHERE job_id = ? ORDER BY token"_s,
                      {jobId});
    if (query.lastError().isValid())
        return failure(query.lastError());
    QList<AttemptSnapshot> all;
    while (query.next()) {
        AttemptSnapshot a;
        a.worker = query.value(0).toString();
        a.outcome = query.value(1).toString();
        a.error = query.value(2).toString();
        a.startedAtMs = query.value(3).toLongLong();
        a.endedAtMs = query.value(4).toLongLong();
        a.exitCode = query.value(5).toInt();
        a.cpuMs = query.isNull(6) ? -1 : query.value(6).toLongLong();
        a.maxRssKb = query.isNull(7) ? -1 : query.value(7).toLongLong();
        a.logTail = query.value(8).toString();
        all << a;
    }
    return all;
}

Result<JobCounts> countJobs(Database &database)
{
    const qint64 now = database.nowMs();
    Query query = run(database.handle(),
                      u"SELECT state, COUNT(*), MIN(CASE WHEN state = 'available' THEN run_at_ms END) FROM jobs "
                      "WHERE finished_at_ms IS NULL GROUP BY state UNION ALL "
                      "SELECT state, COUNT(*), NULL FROM jobs WHERE finished_at_ms >= ? GROUP BY state"_s,
                      {now - kDayMs});
    if (query.lastError().isValid())
        return failure(query.lastError());
    JobCounts counts;
    while (query.next()) {
        counts.byState.append({query.value(0).toString(), query.value(1).toInt()});
        if (!query.isNull(2))
            counts.oldestOpenMs = query.value(2).toLongLong();
    }
    return counts;
}

} // namespace takt::store
