// SPDX-License-Identifier: GPL-3.0-or-later
// The ways in which an attempt ends, and what comes of each: the next stage, another attempt, what it leaves behind. On
// both databases.
#include "store/backoff.h"
#include "support/storerig.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::Outcome;
using test::rows;

class TestQueueEnds : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void backoff();
    void attemptsAndTokensGrow();
    void aWholePipeline();
    void endsThatReleaseChildren_data();
    void endsThatReleaseChildren();
    void retriesWithBackoff();
    void theLastAttemptFails();
    void aSnoozeCostsNothing();
    void anInterruptionCostsNothing();
    void effectsAreWritten();
    void whatAnAttemptLeavesBehind();
};

void TestQueueEnds::backoff()
{
    using store::backoffMs;
    QCOMPARE(backoffMs(1, 0.5), 10'000);
    QCOMPARE(backoffMs(2, 0.5), 20'000);
    QCOMPARE(backoffMs(1, 0), 8'000);
    QCOMPARE(backoffMs(1, 1), 12'000);
    QCOMPARE(backoffMs(100, 0.5), 6 * 3'600'000);
    QCOMPARE(backoffMs(0, 0.5), 5'000);
    QCOMPARE(backoffMs(-7, 0.5), 5'000); // nonsense has a defined outcome
    for (int attempt = 1; attempt < 40; ++attempt)
        QVERIFY(backoffMs(attempt, 0.5) >= backoffMs(attempt - 1, 0.5) && backoffMs(attempt, 1) <= 26'000'000);
}

void TestQueueEnds::attemptsAndTokensGrow()
{
    beginAndEnd(u"CA1"_s);
    qint64 token = 0;
    for (int attempt = 1; attempt <= 4; ++attempt) {
        const Job each = claimOne();
        QCOMPARE(each.attempt, attempt);
        QCOMPARE(each.maxAttempts, 10);
        QVERIFY(each.token > token);
        QCOMPARE(job(u"lease_owner, lease_expires_at_ms, claimed_at_ms"_s),
                 u"w1|%1|%2"_s.arg(now + store::kLeaseMs).arg(now.load()));
        token = each.token;
        QVERIFY(finish(each, Outcome::retry(u"no luck"_s, 100)));
        QCOMPARE(job(u"state, reason, lease_owner"_s), u"retryable|no luck|"_s);
        now += 99;
        QVERIFY(claim().isEmpty());
        now += 1;
    }
    QCOMPARE(rows(db, u"SELECT worker, outcome, error FROM job_attempts"_s), QStringList(4, u"w1|retry|no luck"_s));
}

void TestQueueEnds::aWholePipeline()
{
    beginAndEnd(u"CA1"_s);
    for (const Stage stage : kStages) {
        const Job each = claimOne();
        QCOMPARE(each.stage, stage);
        QCOMPARE(each.business, u"shop"_s);
        QVERIFY(claim(9).isEmpty());
        QVERIFY(finish(each));
        QCOMPARE(job(u"state, progress, finished_at_ms, attempt"_s, stage), u"completed|1|%1|1"_s.arg(now.load()));
        now += 10;
    }
    QVERIFY(claim(9).isEmpty());
}

void TestQueueEnds::endsThatReleaseChildren_data()
{
    QTest::addColumn<QString>("end");
    for (const char *end : {"completed", "skipped", "failed", "cancelled"})
        QTest::newRow(end) << QString::fromLatin1(end);
}

void TestQueueEnds::endsThatReleaseChildren()
{
    QFETCH(QString, end);
    beginAndEnd(u"CA1"_s);
    const Job download = claimOne();
    now += 1000;
    QVERIFY(finish(download, end == "completed"_L1 ? Outcome::completed()
                             : end == "skipped"_L1 ? Outcome::skipped(u"why"_s)
                             : end == "failed"_L1  ? Outcome::failed(u"why"_s)
                                                   : Outcome::cancelled()));
    QCOMPARE(states(), end + u" available pending pending pending pending pending"_s);
    const QString reason = end == "skipped"_L1 || end == "failed"_L1 ? u"why"_s : QString();
    QCOMPARE(job(u"reason, finished_at_ms"_s), reason + u'|' + QString::number(now));
    QCOMPARE(job(u"pending_deps, run_at_ms"_s, Stage::Convert), u"0|%1"_s.arg(now.load()));
    QVERIFY(!finish(download)); // once
    QCOMPARE(claimOne().stage, Stage::Convert);
}

void TestQueueEnds::retriesWithBackoff()
{
    beginAndEnd(u"CA1"_s);
    qint64 expected = 10'000;
    for (int attempt = 1; attempt < 10; ++attempt, expected *= 2) {
        QVERIFY(finish(claimOne(), Outcome::retry(u"no luck"_s)));
        const qint64 delay = job(u"run_at_ms"_s).toLongLong() - now;
        QVERIFY2(delay >= expected * 8 / 10 && delay <= expected * 12 / 10, qPrintable(QString::number(delay)));
        now += delay;
    }
}

void TestQueueEnds::theLastAttemptFails()
{
    beginAndEnd(u"CA1"_s);
    exec(u"UPDATE jobs SET max_attempts = 2"_s);
    QVERIFY(finish(claimOne(), Outcome::retry(u"first"_s, 0)));
    QVERIFY(finish(claimOne(), Outcome::retry(u"second"_s, 0)));
    QCOMPARE(job(u"state, reason, attempt"_s), u"failed|after 2 attempts: second|2"_s);
    QCOMPARE(state(Stage::Convert), u"available"_s);
}

void TestQueueEnds::aSnoozeCostsNothing()
{
    beginAndEnd(u"CA1"_s);
    for (int i = 1; i <= 15; ++i) { // more often than there are attempts
        QVERIFY(finish(claimOne(), Outcome::snoozed(u"too early"_s, 1000)));
        QCOMPARE(job(u"state, attempt, snoozes, reason, run_at_ms"_s),
                 u"scheduled|0|%1|too early|%2"_s.arg(i).arg(now + 1000));
        QVERIFY(claim().isEmpty());
        now += 1000;
    }
    QCOMPARE(claimOne().snoozes, 15);
}

void TestQueueEnds::anInterruptionCostsNothing()
{
    beginAndEnd(u"CA1"_s);
    const Job first = claimOne();
    QVERIFY(*queue().saveCheckpoint(first, {{u"done"_s, 3}}));
    QVERIFY(finish(first, Outcome::interrupted(u"shutdown"_s)));
    QCOMPARE(job(u"state, attempt, interruptions, run_at_ms"_s), u"available|0|1|%1"_s.arg(now.load()));
    const Job second = claimOne();
    QCOMPARE(second.checkpoint, (QJsonObject{{u"done"_s, 3}}));
    QVERIFY(second.token > first.token);
}

void TestQueueEnds::effectsAreWritten()
{
    beginAndEnd(u"CA1"_s);
    store::Effects effects;
    effects.result = {{u"text"_s, u"שלום 👋 \"'"_s}, {u"n"_s, 1.5}};
    effects.artifacts = {{u"original"_s, u"2026/a.mp3"_s, 12}, {u"caller"_s, u"2026/c.wav"_s, 13}};
    QVERIFY(finish(claimOne(), Outcome::completed(effects)));
    effects = {};
    effects.artifacts = {{u"original"_s, u"2026/b.mp3"_s, 14}};
    effects.artifactsGone = {u"caller"_s};
    QVERIFY(finish(claimOne(), Outcome::skipped(u"but"_s, effects)));
    QCOMPARE(rows(db, u"SELECT call_sid, kind, path, bytes FROM artifacts"_s),
             QStringList{u"CA1|original|2026/b.mp3|14"_s});
    QCOMPARE(rows(db, u"SELECT stage, result FROM step_results"_s),
             QStringList{u"recording.download|{\"n\":1.5,\"text\":\"שלום 👋 \\\"'\"}"_s});
}

void TestQueueEnds::whatAnAttemptLeavesBehind()
{
    beginAndEnd(u"CA1"_s);
    Outcome outcome = Outcome::failed(u"it's broken"_s);
    outcome.log = {-9, 1234, 5678, u"last words\n"_s};
    QVERIFY(finish(claimOne(), outcome));
    QVERIFY(finish(claimOne()));
    QCOMPARE(
        rows(db, u"SELECT outcome, error, exit_code, cpu_ms, max_rss_kb, log_tail FROM job_attempts ORDER BY job_id"_s),
        (QStringList{u"failed|it's broken|-9|1234|5678|last words\n"_s, u"completed||null|null|null|"_s}));
}

QTEST_GUILESS_MAIN(TestQueueEnds)
#include "tst_queue_ends.moc"
