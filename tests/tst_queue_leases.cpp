// SPDX-License-Identifier: GPL-3.0-or-later
// Leases: who has lost one writes nothing any more; what a heartbeat is told; rescue of what the dead left. On both
// databases; the races are real, with one transaction waiting for the other.
#include "store/outbox.h"
#include "support/storerig.h"

#include <QJsonArray>
#include <QSemaphore>

#include <future>
#include <mutex>
#include <set>
#include <thread>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::JobStore;
using store::Order;
using store::Outcome;
using test::row;
using test::rows;

class TestQueueLeases : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void whoLostItsLeaseWritesNothing_data();
    void whoLostItsLeaseWritesNothing();
    void effectsThatFailEndNothing();
    void progressIsKept();
    void orders();
    void aHeartbeatProlongs();
    void rescueAfterExpiry();
    void rescueOfTheDead();
    void rescueHonoursWishes();
    void threeRescuesFail();
    void whatTellsOfTheCallIsRescuedOn_data();
    void whatTellsOfTheCallIsRescuedOn();
    void aRescueCostsNoAttempt();
    void aRescueRacesWithAFinish_data();
    void aRescueRacesWithAFinish();
    void manyClaimersAtOnce();
    void manyClaimersOfMessages();

private:
    void untilSomebodyWaits();
    QString everything() const;
};

// All that a job's end may write.
QString TestQueueLeases::everything() const
{
    QStringList all;
    for (const QString &table :
         {u"jobs ORDER BY id"_s, u"job_attempts ORDER BY job_id, token"_s, u"artifacts"_s, u"step_results"_s,
          u"leads"_s, u"lead_events"_s, u"webhook_attempts"_s, u"webhook_endpoints"_s, u"webhook_messages"_s})
        all << rows(db, u"SELECT * FROM "_s + table);
    return all.join(u'\n');
}

void TestQueueLeases::whoLostItsLeaseWritesNothing_data()
{
    QTest::addColumn<QString>("how");
    for (const char *how : {"expired, and claimed by another", "expired, and not yet claimed", "finished",
                            "taken twice", "of a token that is none", "removed"})
        QTest::newRow(how) << QString::fromLatin1(how);
}

void TestQueueLeases::whoLostItsLeaseWritesNothing()
{
    QFETCH(QString, how);
    beginAndEnd(u"CA1"_s);
    QVERIFY(store::Outbox(*db).freeze({u"msg_1"_s, u"CA1"_s, u"call.completed"_s, {}, u"http://x"_s, "{}"}).ok());
    Job job = claimOne(u"dead"_s);
    now += store::kLeaseMs + 1;
    if (how.startsWith("expired"_L1) || how == "taken twice"_L1) {
        QCOMPARE(*queue().rescue({}), 1);
        if (how != "expired, and not yet claimed"_L1)
            QCOMPARE(claimOne(u"w2"_s).id, job.id);
        if (how == "taken twice"_L1) {
            now += store::kLeaseMs + 1;
            QCOMPARE(*queue().rescue({}), 1);
            QCOMPARE(claimOne(u"dead"_s).id, job.id); // even by the same worker
        }
    } else if (how == "finished"_L1) {
        QVERIFY(finish(job));
    } else if (how == "removed"_L1) {
        exec(u"DELETE FROM jobs"_s);
    } else {
        job.token += 1;
    }
    const QString before = everything();
    Outcome outcome;
    outcome.effects.result = {{u"a"_s, 1}};
    outcome.effects.artifacts = {{u"original"_s, u"x"_s, 1}};
    outcome.effects.lead = store::LeadChange{.phone = u"+1"_s,
                                             .direction = {},
                                             .name = u"Dana"_s,
                                             .city = {},
                                             .service = {},
                                             .note = {},
                                             .firstStatus = {},
                                             .status = {},
                                             .statusSource = {}};
    outcome.effects.delivery = store::DeliveryAttempt{u"msg_1"_s, 410, {}, {}, 1, true, true};
    for (const auto kind :
         {AttemptOutcome::Completed, AttemptOutcome::Skipped, AttemptOutcome::Retry, AttemptOutcome::Snoozed,
          AttemptOutcome::Failed, AttemptOutcome::Interrupted, AttemptOutcome::Cancelled}) {
        outcome.kind = kind;
        QVERIFY(!finish(job, outcome));
    }
    QVERIFY(!*queue().saveProgress(job, 0.5, u"half"_s));
    QVERIFY(!*queue().saveCheckpoint(job, {{u"b"_s, 2}}));
    QVERIFY(!*queue().saveHeld(job, u"TX degraded"_s));
    QCOMPARE((*queue().heartbeat({job}))[job.id], Order::Lost);
    QCOMPARE(everything(), before);
}

// The end and its effects are one transaction.
void TestQueueLeases::effectsThatFailEndNothing()
{
    beginAndEnd(u"CA1"_s);
    const Job job = claimOne();
    const QString before = everything();
    Outcome outcome;
    outcome.effects.result = {{u"a"_s, 1}};
    outcome.effects.delivery = store::DeliveryAttempt{u"no such message"_s, 200, {}, {}, 1, true, false};
    QVERIFY(!queue().finish(job, outcome).ok()); // its foreign key fails
    QCOMPARE(everything(), before);
    outcome.effects.delivery.reset();
    QVERIFY(finish(job, outcome)); // and the lease is still there
}

void TestQueueLeases::progressIsKept()
{
    beginAndEnd(u"CA1"_s);
    const Job first = claimOne();
    QVERIFY(*queue().saveProgress(first, 0.25, u"1 of 4"_s));
    QVERIFY(*queue().saveHeld(first, u"TX degraded"_s));
    QCOMPARE(job(u"progress, progress_text, held_reason"_s), u"0.25|1 of 4|TX degraded"_s);
    QVERIFY(*queue().saveHeld(first, QString()));
    QVERIFY(*queue().saveCheckpoint(first, {{u"chunks"_s, QJsonArray{1, u"a\0b'שלום"_s}}}));
    now += store::kLeaseMs + 1;
    QCOMPARE(*queue().rescue({}), 1);
    const Job second = claimOne();
    QCOMPARE(second.checkpoint[u"chunks"_s].toArray().at(1).toString(), u"a\0b'שלום"_s); // escaped: kept whole
    QCOMPARE(job(u"progress_text, held_reason"_s), u"|"_s);
    QVERIFY(*queue().saveCheckpoint(second, {}));
    QCOMPARE(job(u"checkpoint"_s), QString());
}

void TestQueueLeases::orders()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s, u"CA3"_s, u"CA4"_s, u"CA5"_s})
        beginAndEnd(call);
    const QList<Job> jobs = claim(5);
    QCOMPARE(queue().cancel(jobs[1].id), QString());
    begin(u"CA3"_s, u"MZ9"_s);
    QVERIFY(finish(jobs[3]));
    begin(u"CA5"_s, u"MZ8"_s); // an operator's word is the stronger one, whichever comes first
    QCOMPARE(queue().cancel(jobs[4].id), QString());
    begin(u"CA5"_s, u"MZ7"_s);
    const auto told = *queue().heartbeat(jobs);
    QCOMPARE(told.size(), 5);
    QCOMPARE(told[jobs[0].id], Order::Go);
    QCOMPARE(told[jobs[1].id], Order::Cancel);
    QCOMPARE(told[jobs[2].id], Order::Hold);
    QCOMPARE(told[jobs[3].id], Order::Lost);
    QCOMPARE(told[jobs[4].id], Order::Cancel);
    QVERIFY(queue().heartbeat({})->isEmpty());
}

void TestQueueLeases::aHeartbeatProlongs()
{
    beginAndEnd(u"CA1"_s);
    const Job job = claimOne();
    for (int i = 0; i < 5; ++i) {
        now += store::kLeaseMs;
        QCOMPARE(*queue().rescue({}), 0);
        QCOMPARE((*queue().heartbeat({job}))[job.id], Order::Go);
    }
    now += store::kLeaseMs + 1;
    QCOMPARE((*queue().heartbeat({job}))[job.id], Order::Go); // late, but nobody took it
    QCOMPARE(*queue().rescue({}), 0);
    QVERIFY(finish(job));
}

void TestQueueLeases::rescueAfterExpiry()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s})
        beginAndEnd(call);
    const Job first = claimOne();
    now += 1000;
    const Job second = claimOne();
    now += store::kLeaseMs - 999;
    QCOMPARE(*queue().rescue({}), 1);
    QCOMPARE(job(u"state, rescues, lease_owner, run_at_ms, attempt, reason"_s),
             u"available|1||%1|0|its worker died or hung while it ran"_s.arg(now.load()));
    QCOMPARE(state(Stage::Download, u"CA2"_s), u"running"_s);
    QCOMPARE(row(db, u"SELECT outcome, ended_at_ms FROM job_attempts WHERE job_id = %1"_s.arg(first.id)),
             u"rescued|%1"_s.arg(now.load()));
    QCOMPARE(state(Stage::Convert), u"pending"_s);
    QCOMPARE(claimOne().attempt, 1);
    QVERIFY(finish(second));
}

void TestQueueLeases::rescueOfTheDead()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s, u"CA3"_s})
        beginAndEnd(call);
    claimOne(u"dead"_s);
    claimOne(u"alive"_s);
    claimOne(u"dead too"_s);
    QCOMPARE(*queue().rescue({}), 0);
    QCOMPARE(*queue().rescue({u"nobody"_s, u"dead"_s, u"dead too"_s}), 2);
    QCOMPARE(rows(db, u"SELECT call_sid FROM jobs WHERE state = 'running'"_s), QStringList{u"CA2"_s});
    QCOMPARE(*queue().rescue({u"dead"_s}), 0);
}

void TestQueueLeases::rescueHonoursWishes()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s})
        beginAndEnd(call);
    const QList<Job> jobs = claim(2, u"dead"_s);
    QCOMPARE(queue().cancel(jobs[0].id), QString());
    begin(u"CA2"_s, u"MZ9"_s);
    QCOMPARE(*queue().rescue({u"dead"_s}), 2);
    QCOMPARE(states(), u"cancelled available pending pending pending pending pending"_s);
    QCOMPARE(job(u"state, stop_requested, finished_at_ms"_s, Stage::Download, u"CA2"_s), u"pending||null"_s);
    end(u"CA2"_s, u"MZ9"_s);
    QCOMPARE(state(Stage::Download, u"CA2"_s), u"available"_s);
}

void TestQueueLeases::threeRescuesFail()
{
    beginAndEnd(u"CA1"_s);
    for (int i = 1; i <= 3; ++i) {
        QCOMPARE(job(u"state"_s), u"available"_s);
        claimOne(u"dead"_s);
        QCOMPARE(*queue().rescue({u"dead"_s}), 1);
    }
    QCOMPARE(job(u"state, rescues, finished_at_ms, reason"_s),
             u"failed|3|%1|its worker died 3 times while it ran: taken for the cause"_s.arg(now.load()));
    QCOMPARE(state(Stage::Convert), u"available"_s);
}

void TestQueueLeases::whatTellsOfTheCallIsRescuedOn_data()
{
    QTest::addColumn<Stage>("stage");
    QTest::newRow("lead") << Stage::Lead;
    QTest::newRow("webhook") << Stage::Webhook;
}

// In a gateway that dies again and again they are no cause: the call would be lost for it. In the end they are all the same.
void TestQueueLeases::whatTellsOfTheCallIsRescuedOn()
{
    QFETCH(Stage, stage);
    beginAndEnd(u"CA1"_s);
    finishBefore(stage);
    QCOMPARE(claimOne(u"dead"_s).stage, stage);
    for (int i = 1; i <= 30; ++i) {
        QCOMPARE(*queue().rescue({u"dead"_s}), 1);
        QCOMPARE(job(u"state, rescues, attempt"_s, stage), u"available|%1|0"_s.arg(i));
        QCOMPARE(claimOne(u"dead"_s).stage, stage);
    }
    exec(u"UPDATE jobs SET rescues = 99 WHERE state = 'running'"_s);
    QCOMPARE(*queue().rescue({u"dead"_s}), 1);
    QCOMPARE(job(u"state, reason"_s, stage), u"failed|its worker died 100 times while it ran: taken for the cause"_s);
}

// A crash is nothing that the work itself has failed at.
void TestQueueLeases::aRescueCostsNoAttempt()
{
    beginAndEnd(u"CA1"_s);
    exec(u"UPDATE jobs SET max_attempts = 1"_s);
    claimOne(u"dead"_s);
    QCOMPARE(*queue().rescue({u"dead"_s}), 1);
    QCOMPARE(job(u"state, attempt"_s), u"available|0"_s);
    QCOMPARE(claimOne().attempt, 1);
}

// A transaction of another connection is in the way of ours.
void TestQueueLeases::untilSomebodyWaits()
{
    if (!onPostgres())
        return QTest::qSleep(300); // SQLite tells nobody who waits
    const auto third = another();
    QTRY_VERIFY(test::value(third, u"SELECT COUNT(*) FROM pg_locks WHERE NOT granted"_s).toInt() > 0);
}

void TestQueueLeases::aRescueRacesWithAFinish_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("state");
    QTest::newRow("finish") << u"finish"_s << u"completed"_s;
    QTest::newRow("heartbeat") << u"heartbeat"_s << u"running"_s;
}

// The worker, thought dead, writes after the rescuer has looked and before it writes.
void TestQueueLeases::aRescueRacesWithAFinish()
{
    QFETCH(QString, what);
    QFETCH(QString, state);
    beginAndEnd(u"CA1"_s);
    const Job job = claimOne();
    now += store::kLeaseMs + 1;
    const auto other = another();
    QVERIFY(QSqlQuery(other->handle()).exec(onPostgres() ? u"BEGIN"_s : u"BEGIN IMMEDIATE"_s));
    const QString sql = what == "finish"_L1
                            ? u"UPDATE jobs SET state = 'completed', finished_at_ms = 1 WHERE id = %1"_s
                            : u"UPDATE jobs SET lease_expires_at_ms = lease_expires_at_ms + 60000 WHERE id = %1"_s;
    QVERIFY(QSqlQuery(other->handle()).exec(sql.arg(job.id)));
    auto rescuer = std::async(std::launch::async, [this] {
        const auto mine = another();
        const auto rescued = JobStore(*mine).rescue({});
        return rescued ? *rescued : -1;
    });
    untilSomebodyWaits();
    QVERIFY(QSqlQuery(other->handle()).exec(u"COMMIT"_s));
    QCOMPARE(rescuer.get(), 0);
    QCOMPARE(this->job(u"state, rescues"_s), state + u"|0"_s);
    QCOMPARE(row(db, u"SELECT outcome FROM job_attempts"_s), QString());
}

// Eight workers with connections of their own.
void TestQueueLeases::manyClaimersAtOnce()
{
    constexpr int kJobs = 300;
    {
        store::Transaction transaction(*db);
        store::CallStore calls(*db, u"owner"_s);
        for (int i = 0; i < kJobs; ++i) {
            const QString call = u"CA%1"_s.arg(i);
            QVERIFY(!calls.write(CallStarted{call, call, {}, u"shop"_s, Direction::Inbound, {}, {}, now}).isValid());
            QVERIFY(!calls.write(CallEnded{call, call, EndReason::CarrierStop, {}, 0, {}, now}).isValid());
        }
        QVERIFY(transaction.commit());
    }
    std::mutex mutex;
    std::multiset<qint64> claimed;
    QStringList errors;
    std::vector<std::thread> workers;
    for (int w = 0; w < 8; ++w) {
        workers.emplace_back([&, w] {
            const auto mine = another();
            for (;;) {
                const auto jobs = JobStore(*mine).claim(u"w%1"_s.arg(w), {Stage::Download}, 3);
                const std::lock_guard lock(mutex);
                if (!jobs)
                    errors << jobs.error();
                if (!jobs || jobs->isEmpty())
                    return;
                for (const Job &each : *jobs)
                    claimed.insert(each.id);
            }
        });
    }
    for (std::thread &each : workers)
        each.join();
    QCOMPARE(errors, QStringList());
    QCOMPARE(claimed.size(), std::size_t(kJobs));
    QCOMPARE(std::set(claimed.begin(), claimed.end()).size(), std::size_t(kJobs));
    QCOMPARE(row(db, u"SELECT COUNT(*), MIN(attempt), MAX(attempt), MIN(lease_token), MAX(lease_token) FROM jobs "
                     "WHERE state = 'running'"_s),
             u"300|1|1|1|1"_s);
    QCOMPARE(row(db, u"SELECT COUNT(*) FROM job_attempts"_s), u"300"_s);
}

// ... find one message of a business each, though they look at the same time.
void TestQueueLeases::manyClaimersOfMessages()
{
    for (int i = 0; i < 8; ++i)
        beginAndEnd(u"CA%1"_s.arg(i), i % 2 == 0 ? u"shop"_s : u"garage"_s);
    exec(u"UPDATE jobs SET state = 'completed', finished_at_ms = 1 WHERE stage <> 'webhook.deliver'"_s);
    for (int round = 0; round < 5; ++round) {
        exec(u"UPDATE jobs SET state = 'available', pending_deps = 0 WHERE stage = 'webhook.deliver'"_s);
        QSemaphore start;
        std::vector<std::future<int>> workers;
        for (int w = 0; w < 6; ++w) {
            workers.push_back(std::async(std::launch::async, [&] {
                const auto mine = another();
                start.acquire();
                const auto jobs = JobStore(*mine).claim(u"w"_s, {Stage::Webhook}, 2);
                return jobs ? int(jobs->size()) : -100;
            }));
        }
        start.release(6);
        int sum = 0;
        for (auto &each : workers)
            sum += each.get();
        QCOMPARE(sum, 2);
    }
}

QTEST_GUILESS_MAIN(TestQueueLeases)
#include "tst_queue_leases.moc"
