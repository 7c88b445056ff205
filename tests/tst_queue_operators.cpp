// SPDX-License-Identifier: GPL-3.0-or-later
// What operators do to jobs: cancel, retry; and what pruning leaves. On both databases.
#include "support/storerig.h"

#include <future>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::Outcome;
using test::row;
using test::rows;

class TestQueueOperators : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void cancelEachState_data();
    void cancelEachState();
    void cancelOfARunningOne();
    void retryEachState_data();
    void retryEachState();
    void retryFromAStep();
    void retryLeavesOtherCallsAlone();
    void retryOfWhatIsNeededByARunningOne();
    void retryRacesWithAFinish();
    void retryRaisesTheLimit();
    void retryKeepsOnlyAFailedOnesCheckpoint();
    void retryWhileTheCallIsActive();
    void pruning();

private:
    void put(const QString &state);
};

// The download of CA1 into a state, by the way that it is reached.
void TestQueueOperators::put(const QString &state)
{
    begin();
    if (state == "pending"_L1)
        return;
    end();
    if (state == "available"_L1)
        return;
    const Job job = claimOne();
    if (state == "scheduled"_L1)
        finish(job, Outcome::snoozed(u"x"_s, 1000));
    if (state == "retryable"_L1)
        finish(job, Outcome::retry(u"x"_s, 1000));
    if (state == "completed"_L1)
        finish(job);
    if (state == "skipped"_L1)
        finish(job, Outcome::skipped(u"x"_s));
    if (state == "failed"_L1)
        finish(job, Outcome::failed(u"x"_s));
    if (state == "cancelled"_L1)
        finish(job, Outcome::cancelled());
}

void TestQueueOperators::cancelEachState_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<bool>("possible");
    for (const char *state : {"available", "scheduled", "retryable"})
        QTest::newRow(state) << QString::fromLatin1(state) << true;
    for (const char *state : {"completed", "skipped", "failed", "cancelled"})
        QTest::newRow(state) << QString::fromLatin1(state) << false;
}

void TestQueueOperators::cancelEachState()
{
    QFETCH(QString, state);
    QFETCH(bool, possible);
    put(state);
    const QString said = queue().cancel(id(Stage::Download));
    QCOMPARE(said, possible ? QString() : u"job %1 is %2 already"_s.arg(id(Stage::Download)).arg(state));
    if (possible)
        QCOMPARE(job(u"state, reason, finished_at_ms"_s), u"cancelled|by an operator|%1"_s.arg(now.load()));
    QCOMPARE(this->state(Stage::Convert), u"available"_s);
    QCOMPARE(claimOne().stage, Stage::Convert);
}

void TestQueueOperators::cancelOfARunningOne()
{
    QVERIFY(queue().cancel(4711).contains(u"no job 4711"_s));
    put(u"pending"_s);
    QCOMPARE(queue().cancel(id(Stage::Download)), QString());
    QCOMPARE(queue().cancel(id(Stage::Transcribe)), QString());
    QCOMPARE(state(Stage::Convert), u"pending"_s); // its call is active
    end();
    QCOMPARE(states(), u"cancelled available cancelled available pending pending pending"_s);
    const Job summarize = claimOne();
    QCOMPARE(queue().cancel(summarize.id), QString());
    QCOMPARE(job(u"state, stop_requested"_s, Stage::Summarize), u"running|cancel"_s);
    QVERIFY(finish(summarize, Outcome::cancelled()));
    QCOMPARE(job(u"state, stop_requested"_s, Stage::Summarize), u"cancelled|"_s);
}

void TestQueueOperators::retryEachState_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<bool>("possible");
    for (const char *state : {"available", "scheduled", "retryable", "completed", "skipped", "failed", "cancelled"})
        QTest::newRow(state) << QString::fromLatin1(state) << true;
    QTest::newRow("pending") << u"pending"_s << false;
    QTest::newRow("running") << u"running"_s << false;
}

void TestQueueOperators::retryEachState()
{
    QFETCH(QString, state);
    QFETCH(bool, possible);
    put(state);
    const QString said = queue().retry(id(Stage::Download));
    QCOMPARE(said, possible ? QString() : u"job %1 is %2"_s.arg(id(Stage::Download)).arg(state));
    if (!possible) {
        QCOMPARE(this->state(Stage::Download), state);
        return;
    }
    QCOMPARE(states(), u"available pending pending pending pending pending pending"_s);
    QCOMPARE(job(u"finished_at_ms, run_at_ms"_s), u"null|%1"_s.arg(now.load()));
    QCOMPARE(claim(9).size(), 1);
}

void TestQueueOperators::retryFromAStep()
{
    QVERIFY(queue().retry(4711).contains(u"no job 4711"_s));
    beginAndEnd(u"CA1"_s);
    for (int i = 0; i < 7; ++i)
        finish(claimOne());
    QCOMPARE(queue().retry(id(Stage::Summarize)), QString());
    QCOMPARE(states(), u"completed completed completed available pending pending pending"_s);
    QCOMPARE(rows(db, u"SELECT pending_deps FROM jobs ORDER BY id"_s).join(u' '), u"0 0 0 0 1 1 1"_s);
    for (const Stage stage : {Stage::Summarize, Stage::Extract, Stage::Lead, Stage::Webhook}) {
        const Job job = claimOne();
        QCOMPARE(job.stage, stage);
        QCOMPARE(job.attempt, 2);
        finish(job);
    }
    QVERIFY(claim(9).isEmpty());
    // What waits behind it, for whatever reason, has to wait for it.
    QCOMPARE(queue().retry(id(Stage::Lead)), QString());
    finish(claimOne());
    QCOMPARE(state(Stage::Webhook), u"available"_s);
    QCOMPARE(queue().retry(id(Stage::Extract)), QString());
    QCOMPARE(states(), u"completed completed completed completed available pending pending"_s);
    QCOMPARE(rows(db, u"SELECT pending_deps FROM jobs ORDER BY id"_s).join(u' '), u"0 0 0 0 0 1 1"_s);
    finish(claimOne());
    finish(claimOne());
    finish(claimOne(), Outcome::snoozed(u"later"_s, 5000));
    QCOMPARE(queue().retry(id(Stage::Lead)), QString());
    QCOMPARE(state(Stage::Webhook), u"pending"_s);
}

void TestQueueOperators::retryLeavesOtherCallsAlone()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s})
        beginAndEnd(call);
    for (const Job &each : claim(2))
        finish(each);
    const QString before = rows(db, u"SELECT * FROM jobs WHERE call_sid = 'CA2' ORDER BY id"_s).join(u'\n');
    QCOMPARE(queue().retry(id(Stage::Download)), QString());
    QCOMPARE(rows(db, u"SELECT * FROM jobs WHERE call_sid = 'CA2' ORDER BY id"_s).join(u'\n'), before);
}

void TestQueueOperators::retryOfWhatIsNeededByARunningOne()
{
    beginAndEnd(u"CA1"_s);
    finish(claimOne());
    const Job convert = claimOne();
    const QString before = states();
    QCOMPARE(queue().retry(id(Stage::Download)), u"job %1, which needs this one, is running"_s.arg(convert.id));
    QCOMPARE(states(), before);
    finish(convert);
    QCOMPARE(queue().retry(id(Stage::Download)), QString());
}

// The parent ends just when the count of unfinished parents is taken.
void TestQueueOperators::retryRacesWithAFinish()
{
    beginAndEnd(u"CA1"_s);
    QCOMPARE(queue().cancel(id(Stage::Convert)), QString());
    const Job download = claim(1, u"w1"_s, {Stage::Download}).value(0);
    const auto other = another();
    QVERIFY(QSqlQuery(other->handle()).exec(onPostgres() ? u"BEGIN"_s : u"BEGIN IMMEDIATE"_s));
    QVERIFY(QSqlQuery(other->handle())
                .exec(u"UPDATE jobs SET state = 'completed', finished_at_ms = 1 WHERE id = %1"_s.arg(download.id)));
    auto operatorsWord = std::async(std::launch::async, [this, convert = id(Stage::Convert)] {
        return store::JobStore(*another()).retry(convert);
    });
    if (onPostgres()) {
        const auto third = another();
        QTRY_VERIFY(test::value(third, u"SELECT COUNT(*) FROM pg_locks WHERE NOT granted"_s).toInt() > 0);
    } else {
        QTest::qSleep(300);
    }
    QVERIFY(QSqlQuery(other->handle()).exec(u"COMMIT"_s));
    QCOMPARE(operatorsWord.get(), QString());
    QCOMPARE(job(u"state, pending_deps"_s, Stage::Convert), u"available|0"_s);
}

void TestQueueOperators::retryRaisesTheLimit()
{
    beginAndEnd(u"CA1"_s);
    exec(u"UPDATE jobs SET max_attempts = 1, rescues = 2"_s);
    finish(claimOne(), Outcome::retry(u"x"_s));
    QCOMPARE(queue().retry(id(Stage::Download)), QString());
    QCOMPARE(job(u"attempt, max_attempts, rescues, reason"_s), u"1|11|0|"_s);
    QCOMPARE(job(u"max_attempts"_s, Stage::Convert), u"1"_s); // never tried
    QVERIFY(finish(claimOne(), Outcome::retry(u"x"_s)));
    QCOMPARE(state(Stage::Download), u"retryable"_s);
}

void TestQueueOperators::retryKeepsOnlyAFailedOnesCheckpoint()
{
    beginAndEnd(u"CA1"_s);
    for (const Stage stage : {Stage::Download, Stage::Convert}) {
        const Job each = claimOne();
        QCOMPARE(each.stage, stage);
        QVERIFY(*queue().saveCheckpoint(each, {{u"done"_s, 1}}));
        finish(each, Outcome::failed(u"x"_s));
    }
    QCOMPARE(queue().retry(id(Stage::Convert)), QString()); // goes on where it failed
    QCOMPARE(job(u"checkpoint"_s, Stage::Convert), u"{\"done\":1}"_s);
    finish(claimOne(), Outcome::failed(u"x"_s));
    QCOMPARE(queue().retry(id(Stage::Download)), QString());
    QCOMPARE(job(u"checkpoint"_s), u"{\"done\":1}"_s);
    QCOMPARE(job(u"checkpoint"_s, Stage::Convert), QString()); // works on something else now
    finish(claimOne());
    QCOMPARE(queue().retry(id(Stage::Download)), QString());
    QCOMPARE(job(u"checkpoint"_s), QString()); // it was done: done again means all of it
}

void TestQueueOperators::retryWhileTheCallIsActive()
{
    beginAndEnd(u"CA1"_s);
    finish(claimOne());
    QCOMPARE(queue().cancel(id(Stage::Convert)), QString());
    begin(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(queue().cancel(id(Stage::Transcribe)), QString());
    QCOMPARE(queue().retry(id(Stage::Transcribe)), QString());
    QCOMPARE(state(Stage::Transcribe), u"pending"_s);
    QCOMPARE(queue().retry(id(Stage::Download)), QString()); // was finished when the call came back
    QCOMPARE(job(u"state, waits_for_call"_s), u"pending|1"_s);
    QVERIFY(claim(9).isEmpty());
    end(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(states(), u"available pending pending pending pending pending pending"_s);
}

void TestQueueOperators::pruning()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s, u"CA3"_s})
        beginAndEnd(call);
    store::Effects effects;
    effects.result = {{u"a"_s, 1}};
    for (int i = 0; i < 15; ++i) { // two whole calls, and the first job of the third
        finish(claimOne(), Outcome::completed(effects));
        now += 1;
    }
    QCOMPARE(states(u"CA3"_s), u"completed available pending pending pending pending pending"_s);
    QCOMPARE(*queue().prune(1'700'000'000'000), 0); // none so old
    QCOMPARE(*queue().prune(now, 3), 3);
    QCOMPARE(*queue().prune(now), 11);
    QCOMPARE(*queue().prune(now), 0);
    QCOMPARE(rows(db, u"SELECT call_sid, COUNT(*) FROM jobs GROUP BY call_sid"_s), QStringList{u"CA3|7"_s});
    QCOMPARE(rows(db, u"SELECT COUNT(*) FROM job_deps"_s), QStringList{u"6"_s});
    QCOMPARE(rows(db, u"SELECT COUNT(*) FROM job_attempts WHERE job_id NOT IN (SELECT id FROM jobs)"_s),
             QStringList{u"0"_s});
    QCOMPARE(rows(db, u"SELECT COUNT(*) FROM step_results"_s), QStringList{u"15"_s}); // what they found out stays
    // A call of which one job ended after the limit stays whole.
    beginAndEnd(u"CA4"_s);
    exec(u"UPDATE jobs SET state = 'completed', finished_at_ms = 10 WHERE call_sid = 'CA4'"_s);
    exec(u"UPDATE jobs SET finished_at_ms = 20 WHERE call_sid = 'CA4' AND stage = 'extract'"_s);
    QCOMPARE(*queue().prune(20), 0);
    QCOMPARE(*queue().prune(21), 7);
}

QTEST_GUILESS_MAIN(TestQueueOperators)
#include "tst_queue_operators.moc"
