// SPDX-License-Identifier: GPL-3.0-or-later
// Of the queue: what happens to jobs from outside. Rescue, pruning, and what operators do.
#include "store/jobstore.h"

#include "store/database.h"
#include "store/effects.h"
#include "store/jobplan.h"
#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Orphan {
    qint64 id = 0;
    qint64 token = 0;
    qint64 expiresAtMs = 0;
    Stage stage = Stage::Download;
    int rescues = 0;
    bool cancelled = false;
};

Result<QList<Orphan>> orphans(const QSqlDatabase &database, qint64 now, const QStringList &deadWorkers)
{
    QVariantList values{now};
    for (const QString &worker : deadWorkers)
        values << worker;
    const QString dead = deadWorkers.isEmpty()
                             ? QString()
                             : u" OR lease_owner IN (%1)"_s.arg(QStringList(deadWorkers.size(), u"?"_s).join(u", "_s));
    Query query = run(database,
                      u"SELECT id, lease_token, lease_expires_at_ms, stage, rescues, stop_requested FROM jobs "
                      "WHERE state = 'running' AND (lease_expires_at_ms < ?"_s
                          + dead + u") ORDER BY id"_s,
                      values);
    if (query.lastError().isValid())
        return failure(query.lastError());
    QList<Orphan> all;
    while (query.next())
        all.append({query.value(0).toLongLong(), query.value(1).toLongLong(), query.value(2).toLongLong(),
                    stageNamed(query.value(3).toString()).value_or(Stage::Download), query.value(4).toInt(),
                    query.value(5).toString() == "cancel"_L1});
    return all;
}

// False: another has been faster.
Result<bool> rescueOne(const QSqlDatabase &database, const Orphan &orphan, qint64 now)
{
    const int rescues = orphan.rescues + 1;
    const bool poison = rescues >= maxRescues(orphan.stage);
    const JobState state = orphan.cancelled ? JobState::Cancelled : poison ? JobState::Failed : JobState::Available;
    const QString reason = poison ? u"its worker died %1 times while it ran: taken for the cause"_s.arg(rescues)
                                  : u"its worker died or hung while it ran"_s;
    // Token and lease once more: it may have been finished, claimed or prolonged since we looked.
    const Query query = run(
        database,
        u"UPDATE jobs SET state = CASE WHEN ? = 0 AND waits_for_call = 1 THEN 'pending' ELSE ? END, "
        "rescues = rescues + 1, attempt = attempt - 1, run_at_ms = ?, reason = ?, lease_owner = '', "
        "stop_requested = '', held_reason = '', progress_text = '', finished_at_ms = ? WHERE id = ? "
        "AND state = 'running' AND lease_token = ? AND lease_expires_at_ms = ?"_s,
        {isFinished(state) ? 1 : 0, QString(name(state)), now, reason, orNull(isFinished(state) ? now : -1), orphan.id,
         orphan.token, orphan.expiresAtMs});
    if (query.lastError().isValid())
        return failure(query.lastError());
    if (query.numRowsAffected() == 0)
        return false;
    const QSqlError noted = exec(database,
                                 u"UPDATE job_attempts SET ended_at_ms = ?, outcome = ?, error = ? WHERE job_id = ? "
                                 "AND token = ?"_s,
                                 {now, QString(name(AttemptOutcome::Rescued)), reason, orphan.id, orphan.token});
    if (noted.isValid())
        return failure(noted);
    if (isFinished(state)) {
        if (const QSqlError error = releaseChildren(database, orphan.id, now); error.isValid())
            return failure(error);
    }
    return true;
}

QString stateOf(const QSqlDatabase &database, qint64 id)
{
    Query query = run(database, u"SELECT state FROM jobs WHERE id = ?"_s, {id});
    return query.next() ? query.value(0).toString() : QString();
}

// The job and all that comes behind it, the job first.
QList<qint64> withDescendants(const QSqlDatabase &database, qint64 id)
{
    QList<qint64> all{id};
    for (qsizetype i = 0; i < all.size(); ++i) {
        Query query = run(database, u"SELECT job_id FROM job_deps WHERE parent_id = ?"_s, {all[i]});
        while (query.next()) {
            if (!all.contains(query.value(0).toLongLong()))
                all << query.value(0).toLongLong();
        }
    }
    return all;
}

// Back to waiting; its parents that are unfinished by now are counted. The job itself may go on where it failed; what
// comes behind it begins anew, for what it had done rests on what is done again now.
QSqlError reopen(const QSqlDatabase &database, qint64 id, bool itself, qint64 now)
{
    static const QString s_unfinished = u"(SELECT COUNT(*) FROM job_deps d JOIN jobs p ON p.id = d.parent_id "
                                        "WHERE d.job_id = jobs.id AND p.finished_at_ms IS NULL)"_s;
    // When the call became active again, those that had finished were not told to wait for it.
    static const QString s_active =
        u"(SELECT COUNT(*) FROM calls c WHERE c.call_sid = jobs.call_sid AND c.ended_at_ms IS NULL)"_s;
    return exec(database,
                u"UPDATE jobs SET checkpoint = CASE WHEN ? = 1 AND state = 'failed' THEN checkpoint ELSE '' END, "
                "state = CASE WHEN "_s
                    + s_unfinished + u" + "_s + s_active
                    + u" = 0 THEN 'available' ELSE 'pending' END, pending_deps = "_s + s_unfinished
                    + u", waits_for_call = "_s + s_active
                    + u", run_at_ms = ?, finished_at_ms = NULL, rescues = 0, progress = 0, reason = '', "
                      "max_attempts = CASE WHEN attempt >= max_attempts THEN attempt + 10 ELSE max_attempts END "
                      "WHERE id = ?"_s,
                {itself ? 1 : 0, now, id});
}

// Empty on success.
QString runAgain(const QSqlDatabase &database, qint64 id, qint64 now)
{
    const QList<qint64> family = withDescendants(database, id);
    for (const qint64 each : family) {
        if (stateOf(database, each) == "running"_L1)
            return u"job %1, which needs this one, is running"_s.arg(each);
    }
    for (const qint64 each : family) {
        if (const QSqlError error = reopen(database, each, each == id, now); error.isValid())
            return error.text();
    }
    return {};
}

} // namespace

Result<int> JobStore::rescue(const QStringList &deadWorkers)
{
    const qint64 now = m_database.nowMs();
    // Most of the time there is nobody to be rescued: then there is nothing to be locked either.
    const auto found = orphans(m_database.handle(), now, deadWorkers);
    if (!found || found->isEmpty() || now < 0)
        return found ? Result<int>(0) : Result<int>(Error{found.error()});
    Transaction transaction(m_database);
    if (!transaction.isOpen())
        return failure(transaction.error());
    int rescued = 0;
    for (const Orphan &orphan : *found) {
        const auto one = rescueOne(m_database.handle(), orphan, now);
        if (!one)
            return Error{one.error()};
        rescued += *one ? 1 : 0;
    }
    if (!transaction.commit())
        return failure(transaction.error());
    return rescued;
}

Result<int> JobStore::prune(qint64 finishedBeforeMs, int atMost)
{
    const Query query = run(m_database.handle(),
                            u"DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at_ms < ? "
                            "AND NOT EXISTS (SELECT 1 FROM jobs other WHERE other.call_sid = jobs.call_sid "
                            "AND (other.finished_at_ms IS NULL OR other.finished_at_ms >= ?)) "
                            "ORDER BY finished_at_ms LIMIT ?)"_s,
                            {finishedBeforeMs, finishedBeforeMs, atMost});
    if (query.lastError().isValid())
        return failure(query.lastError());
    return query.numRowsAffected();
}

QString JobStore::cancel(qint64 id)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error()).text;
    const QSqlDatabase database = m_database.handle();
    const Query waiting = run(database,
                              u"UPDATE jobs SET state = 'cancelled', reason = 'by an operator', finished_at_ms = ? "
                              "WHERE id = ? AND state IN ('pending', 'available', 'scheduled', 'retryable')"_s,
                              {now, id});
    if (waiting.lastError().isValid())
        return waiting.lastError().text();
    if (waiting.numRowsAffected() > 0) {
        if (const QSqlError error = releaseChildren(database, id, now); error.isValid())
            return error.text();
    } else {
        const Query running = run(
            database, u"UPDATE jobs SET stop_requested = 'cancel' WHERE id = ? AND state = 'running'"_s, {id});
        if (running.lastError().isValid())
            return running.lastError().text();
        if (running.numRowsAffected() == 0) {
            const QString state = stateOf(database, id);
            return state.isEmpty() ? u"there is no job %1"_s.arg(id) : u"job %1 is %2 already"_s.arg(id).arg(state);
        }
    }
    m_database.hint();
    return transaction.commit() ? QString() : transaction.error().text();
}

QString JobStore::retry(qint64 id)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error()).text;
    const QSqlDatabase database = m_database.handle();
    // From here on none of them ends, or is claimed: else the count of what is unfinished would be wrong when it counts.
    Query call = run(database, u"SELECT call_sid FROM jobs WHERE id = ?"_s, {id});
    if (!call.next())
        return call.lastError().isValid() ? call.lastError().text() : u"there is no job %1"_s.arg(id);
    const QString callSid = call.value(0).toString();
    call.finish();
    if (const QSqlError error = lockJobs(database, callSid); error.isValid())
        return error.text();
    const QString state = stateOf(database, id);
    if (state == "running"_L1 || state == "pending"_L1)
        return u"job %1 is %2"_s.arg(id).arg(state);
    const QString error =
        isFinished(*jobStateNamed(state))
            ? runAgain(database, id, now)
            : exec(database, u"UPDATE jobs SET state = 'available', run_at_ms = ? WHERE id = ?"_s, {now, id}).text();
    if (!error.isEmpty())
        return error;
    m_database.hint();
    return transaction.commit() ? QString() : transaction.error().text();
}

QString JobStore::setPaused(const QString &queue, bool paused)
{
    if (queue != "*"_L1 && !stageNamed(queue))
        return u"there is no stage \"%1\""_s.arg(queue);
    const QSqlError error = exec(m_database.handle(),
                                 u"INSERT INTO queues (name, paused, changed_at_ms) VALUES (?, ?, ?) "
                                 "ON CONFLICT (name) DO UPDATE SET paused = excluded.paused, "
                                 "changed_at_ms = excluded.changed_at_ms"_s,
                                 {queue, paused ? 1 : 0, m_database.nowMs()});
    m_database.hint();
    return error.isValid() ? error.text() : QString();
}

Result<QStringList> JobStore::paused()
{
    Query query = run(m_database.handle(), u"SELECT name FROM queues WHERE paused = 1 ORDER BY name"_s);
    if (query.lastError().isValid())
        return failure(query.lastError());
    QStringList names;
    while (query.next())
        names << query.value(0).toString();
    return names;
}

} // namespace takt::store
