// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/jobstore.h"

#include "store/backoff.h"
#include "store/database.h"
#include "store/effects.h"
#include "store/failpoint.h"
#include "store/sql.h"

#include <QRandomGenerator>

#include <algorithm>

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kClaimLock = 0x7461'6b75; // an advisory lock of PostgreSQL, next to the migration's

// `?` stages, then the time. The jobs of an active call are no candidates, whatever their state says; and of a business
// one message is delivered at a time, so that a receiver that hangs does not take all slots.
QString claimSql(qsizetype stages, bool postgres)
{
    return u"WITH picked AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'available' AND stage IN ("_s
           + QStringList(stages, u"?"_s).join(u", "_s)
           + u") AND run_at_ms <= ? "
             "AND NOT EXISTS (SELECT 1 FROM queues q WHERE q.paused = 1 AND q.name IN (jobs.stage, '*')) "
             "AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.call_sid = jobs.call_sid AND c.ended_at_ms IS NULL) "
             "AND NOT EXISTS (SELECT 1 FROM jobs other WHERE other.state = 'running' "
             "AND other.stage = 'webhook.deliver' AND jobs.stage = 'webhook.deliver' "
             "AND other.business = jobs.business) "
             "ORDER BY priority, run_at_ms, id LIMIT 1"_s
           + (postgres ? u" FOR UPDATE SKIP LOCKED"_s : QString())
           + u") UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_token = lease_token + 1, "
             "lease_owner = ?, lease_expires_at_ms = ?, claimed_at_ms = ?, stop_requested = '', held_reason = '' "
             "WHERE id IN (SELECT id FROM picked) RETURNING id, call_sid, business, stage, attempt, max_attempts, "
             "snoozes, lease_token, created_at_ms, checkpoint"_s;
}

Job jobOf(const QSqlQuery &row)
{
    Job job;
    job.id = row.value(0).toLongLong();
    job.callSid = row.value(1).toString();
    job.business = row.value(2).toString();
    job.stage = stageNamed(row.value(3).toString()).value_or(Stage::Webhook);
    job.attempt = row.value(4).toInt();
    job.maxAttempts = row.value(5).toInt();
    job.snoozes = row.value(6).toInt();
    job.token = row.value(7).toLongLong();
    job.createdAtMs = row.value(8).toLongLong();
    job.checkpoint = jsonObject(row.value(9));
    return job;
}

// Nothing when no job may run now.
Result<std::optional<Job>> claimOne(const QSqlDatabase &database, bool postgres, const QString &worker,
                                    const QList<Stage> &stages, qint64 now)
{
    QVariantList values;
    for (const Stage stage : stages)
        values << QString(name(stage));
    values << now << worker << now + kLeaseMs << now;
    Query claimed = run(database, claimSql(stages.size(), postgres), values);
    if (claimed.lastError().isValid())
        return failure(claimed.lastError());
    if (!claimed.next())
        return std::optional<Job>();
    const Job job = jobOf(claimed);
    claimed.finish(); // an open cursor would keep the write lock
    const QSqlError error = exec(
        database, u"INSERT INTO job_attempts (job_id, token, worker, started_at_ms) VALUES (?, ?, ?, ?)"_s,
        {job.id, job.token, worker, now});
    return error.isValid() ? Result<std::optional<Job>>(failure(error)) : std::optional(job);
}

// What the job becomes; `jobs` after its row has been locked by this update.
struct Fate {
    JobState state = JobState::Completed;
    int attempts = 0; // given back
    qint64 runAtMs = 0;
    QString reason{};
};

Fate fateOf(const Job &job, const Outcome &outcome, qint64 now)
{
    switch (outcome.kind) {
    case AttemptOutcome::Completed: return {.state = JobState::Completed, .runAtMs = now, .reason = outcome.reason};
    case AttemptOutcome::Skipped: return {.state = JobState::Skipped, .runAtMs = now, .reason = outcome.reason};
    case AttemptOutcome::Rescued:
    case AttemptOutcome::Failed: return {.state = JobState::Failed, .runAtMs = now, .reason = outcome.reason};
    case AttemptOutcome::Cancelled: return {.state = JobState::Cancelled, .runAtMs = now, .reason = outcome.reason};
    case AttemptOutcome::Interrupted:
        return {.state = JobState::Available, .attempts = 1, .runAtMs = now, .reason = outcome.reason};
    case AttemptOutcome::Snoozed:
        return {
            .state = JobState::Scheduled, .attempts = 1, .runAtMs = now + outcome.delayMs, .reason = outcome.reason};
    case AttemptOutcome::Retry: break;
    }
    if (job.attempt >= job.maxAttempts)
        return {.state = JobState::Failed,
                .runAtMs = now,
                .reason = u"after %1 attempts: %2"_s.arg(job.attempt).arg(outcome.reason)};
    const qint64 delay = outcome.delayMs >= 0 ? outcome.delayMs
                                              : backoffMs(job.attempt, QRandomGenerator::global()->generateDouble());
    return {.state = JobState::Retryable, .runAtMs = now + delay, .reason = outcome.reason};
}

// False: it is no longer ours.
Result<bool> settle(const QSqlDatabase &database, const Job &job, const Outcome &outcome, const Fate &fate, qint64 now)
{
    const bool finished = isFinished(fate.state);
    // A call that became active again meanwhile holds what is not finished.
    const Query settled = run(
        database,
        u"UPDATE jobs SET state = CASE WHEN ? = 0 AND waits_for_call = 1 THEN 'pending' ELSE ? END, "
        "attempt = attempt - ?, run_at_ms = ?, reason = ?, stop_requested = '', held_reason = '', lease_owner = '', "
        "snoozes = snoozes + ?, interruptions = interruptions + ?, progress = CASE WHEN ? = 1 THEN 1 ELSE progress "
        "END, "
        "progress_text = '', finished_at_ms = ? WHERE id = ? AND state = 'running' AND lease_token = ?"_s,
        {finished ? 1 : 0, QString(name(fate.state)), fate.attempts, fate.runAtMs, fate.reason,
         outcome.kind == AttemptOutcome::Snoozed ? 1 : 0, outcome.kind == AttemptOutcome::Interrupted ? 1 : 0,
         fate.state == JobState::Completed ? 1 : 0, orNull(finished ? now : -1), job.id, job.token});
    if (settled.lastError().isValid())
        return failure(settled.lastError());
    if (settled.numRowsAffected() == 0)
        return false;
    const QSqlError error = exec(
        database,
        u"UPDATE job_attempts SET ended_at_ms = ?, outcome = ?, error = ?, exit_code = ?, cpu_ms = ?, max_rss_kb = ?, "
        "log_tail = ? WHERE job_id = ? AND token = ?"_s,
        {now, QString(name(outcome.kind)), outcome.reason,
         outcome.log.exitCode ? QVariant(*outcome.log.exitCode) : orNull(-1), orNull(outcome.log.cpuMs),
         orNull(outcome.log.maxRssKb), outcome.log.tail, job.id, job.token});
    return error.isValid() ? Result<bool>(failure(error)) : true;
}

} // namespace

QSqlError releaseChildren(const QSqlDatabase &database, qint64 parentId, qint64 now)
{
    return exec(database,
                u"UPDATE jobs SET pending_deps = pending_deps - 1, run_at_ms = ?, state = CASE "
                "WHEN pending_deps <= 1 AND waits_for_call = 0 THEN 'available' ELSE 'pending' END "
                "WHERE state = 'pending' AND pending_deps > 0 "
                "AND id IN (SELECT job_id FROM job_deps WHERE parent_id = ?)"_s,
                {now, parentId});
}

Result<QList<Job>> JobStore::claim(const QString &worker, const QList<Stage> &stages, int count)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error());
    const QSqlDatabase database = m_database.handle();
    // One claimer at a time: of two that can't see each other's work each would take a message of the same business.
    if (m_database.isPostgres()) {
        const QSqlError error = exec(database, u"SELECT pg_advisory_xact_lock(?)"_s, {kClaimLock});
        if (error.isValid())
            return failure(error);
    }
    const QSqlError due = exec(database,
                               u"UPDATE jobs SET state = 'available' WHERE id IN (SELECT id FROM jobs "
                               "WHERE state IN ('scheduled', 'retryable') AND run_at_ms <= ?"_s
                                   + QString(m_database.isPostgres() ? u" FOR UPDATE SKIP LOCKED)"_s : u")"_s),
                               {now});
    if (due.isValid())
        return failure(due);
    QList<Job> jobs;
    while (jobs.size() < count) {
        auto one = claimOne(database, m_database.isPostgres(), worker, stages, now);
        if (!one)
            return Error{one.error()};
        if (!one->has_value())
            break;
        jobs << **one;
    }
    if (!transaction.commit())
        return failure(transaction.error());
    if (!jobs.isEmpty())
        failpoint("claimed");
    return jobs;
}

Result<bool> JobStore::finish(const Job &job, const Outcome &outcome)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error());
    const QSqlDatabase database = m_database.handle();
    const Fate fate = fateOf(job, outcome, now);
    const auto ours = settle(database, job, outcome, fate, now);
    if (!ours || !*ours)
        return ours;
    if (const QSqlError error = write(m_database, job, outcome.effects, now); error.isValid())
        return failure(error);
    if (isFinished(fate.state)) {
        if (const QSqlError error = releaseChildren(database, job.id, now); error.isValid())
            return failure(error);
        m_database.hint();
    }
    failpoint("finish");
    if (!transaction.commit())
        return failure(transaction.error());
    failpoint("finished");
    return true;
}

Result<bool> JobStore::update(const Job &job, const QString &assignments, QVariantList values)
{
    values << job.id << job.token;
    const Query query = run(
        m_database.handle(),
        u"UPDATE jobs SET "_s + assignments + u" WHERE id = ? AND state = 'running' AND lease_token = ?"_s, values);
    if (query.lastError().isValid())
        return failure(query.lastError());
    return query.numRowsAffected() > 0;
}

Result<bool> JobStore::saveProgress(const Job &job, double fraction, const QString &text)
{
    return update(job, u"progress = ?, progress_text = ?"_s, {fraction, text});
}

Result<bool> JobStore::saveCheckpoint(const Job &job, const QJsonObject &checkpoint)
{
    return update(job, u"checkpoint = ?"_s, {jsonText(checkpoint)});
}

Result<bool> JobStore::saveHeld(const Job &job, const QString &reason)
{
    return update(job, u"held_reason = ?"_s, {reason});
}

Result<QHash<qint64, Order>> JobStore::heartbeat(const QList<Job> &jobs)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error());
    QHash<qint64, Order> orders;
    // In the order of their ids, as everybody locks them.
    QList<Job> ordered = jobs;
    std::sort(ordered.begin(), ordered.end(), [](const Job &a, const Job &b) { return a.id < b.id; });
    for (const Job &job : ordered) {
        Query query = run(m_database.handle(),
                          u"UPDATE jobs SET lease_expires_at_ms = ? WHERE id = ? AND state = 'running' "
                          "AND lease_token = ? RETURNING stop_requested"_s,
                          {now + kLeaseMs, job.id, job.token});
        if (query.lastError().isValid())
            return failure(query.lastError());
        if (!query.next())
            orders[job.id] = Order::Lost;
        else if (const QString stop = query.value(0).toString(); stop == "cancel"_L1)
            orders[job.id] = Order::Cancel;
        else
            orders[job.id] = stop == "hold"_L1 ? Order::Hold : Order::Go;
    }
    if (!transaction.commit())
        return failure(transaction.error());
    return orders;
}

} // namespace takt::store
