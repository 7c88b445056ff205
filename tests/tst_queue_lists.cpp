// SPDX-License-Identifier: GPL-3.0-or-later
// What operators are shown of the queue, and who hears of a change. On both databases.
#include "store/joblist.h"
#include "support/storerig.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::JobFilter;
using store::Outcome;

class TestQueueLists : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void listing();
    void waitingReasons();
    void attempts();
    void counts();
    void hints();
};

void TestQueueLists::listing()
{
    for (const QString &call : {u"CA1"_s, u"CA2"_s, u"CA3"_s}) {
        beginAndEnd(call);
        now += 1000;
    }
    for (int i = 0; i < 5; ++i) {
        finish(claimOne());
        now += 1000;
    }
    const auto listed = [&](const JobFilter &filter) {
        const auto jobs = store::listJobs(*db, filter);
        QStringList all;
        for (const JobSnapshot &each : jobs ? *jobs : QList<JobSnapshot>())
            all << each.callSid + u' ' + each.stage + u' ' + each.state;
        return jobs ? all : QStringList{jobs.error()};
    };
    const QStringList all = listed({});
    QCOMPARE(all.size(), 21);
    QCOMPARE(all.first(3), (QStringList{u"CA1 lead.update available"_s, u"CA1 webhook.deliver pending"_s,
                                        u"CA2 recording.download available"_s}));
    QCOMPARE(all.mid(16),
             (QStringList{u"CA1 extract completed"_s, u"CA1 summarize completed"_s, u"CA1 transcribe completed"_s,
                          u"CA1 audio.convert completed"_s, u"CA1 recording.download completed"_s}));
    QCOMPARE(listed({.state = u"open"_s, .stage = {}, .callSid = {}}).size(), 16);
    QCOMPARE(listed({.state = u"available"_s, .stage = {}, .callSid = {}}).size(), 3);
    QCOMPARE(listed({.state = u"completed"_s, .stage = u"extract"_s, .callSid = {}}),
             QStringList{u"CA1 extract completed"_s});
    QCOMPARE(listed({.state = {}, .stage = {}, .callSid = u"CA2"_s}).size(), 7);
    QCOMPARE(listed({.state = {}, .stage = {}, .callSid = {}, .limit = 18}), all.first(18));
    QCOMPARE(listed({.state = {}, .stage = {}, .callSid = {}, .limit = 4}), all.first(4));
    QCOMPARE(listed({.state = u"' OR 1=1 --"_s, .stage = {}, .callSid = {}}), QStringList());
    QVERIFY(store::readJob(*db, 4711).error().contains(u"no job 4711"_s));
}

void TestQueueLists::waitingReasons()
{
    const auto waiting = [&](Stage stage) { return store::readJob(*db, id(stage))->waiting; };
    begin();
    QCOMPARE(waiting(Stage::Download), u"call active"_s);
    QCOMPARE(waiting(Stage::Convert), u"call active"_s);
    end();
    QCOMPARE(waiting(Stage::Download), QString());
    QCOMPARE(waiting(Stage::Convert), u"waits for recording.download"_s);
    QCOMPARE(queue().setPaused(u"recording.download"_s, true), QString());
    QCOMPARE(waiting(Stage::Download), u"paused"_s);
    QCOMPARE(waiting(Stage::Convert), u"waits for recording.download"_s);
    QCOMPARE(queue().setPaused(u"recording.download"_s, false), QString());
    QCOMPARE(queue().setPaused(u"*"_s, true), QString());
    QCOMPARE(waiting(Stage::Download), u"paused"_s);
    QCOMPARE(queue().setPaused(u"*"_s, false), QString());
    const Job job = claimOne();
    QVERIFY(*queue().saveHeld(job, u"TX degraded"_s));
    QVERIFY(*queue().saveProgress(job, 0.5, u"half"_s));
    const JobSnapshot snapshot = *store::readJob(*db, job.id);
    QCOMPARE(snapshot.waiting, u"TX degraded"_s);
    QCOMPARE(snapshot.worker, u"w1"_s);
    QCOMPARE(snapshot.progress, 0.5);
    QCOMPARE(snapshot.progressText, u"half"_s);
    QCOMPARE(snapshot.claimedAtMs, now.load());
    QCOMPARE(snapshot.finishedAtMs, 0);
    QCOMPARE(snapshot.business, u"shop"_s);
    QCOMPARE(snapshot.attempt, 1);
    QCOMPARE(snapshot.maxAttempts, 10);
    QCOMPARE(snapshot.createdAtMs, now.load());
}

void TestQueueLists::attempts()
{
    beginAndEnd(u"CA1"_s);
    const Job first = claimOne();
    Outcome outcome = Outcome::retry(u"no luck"_s, 0);
    outcome.log = {-9, 12, 34, u"tail"_s};
    now += 500;
    finish(first, outcome);
    claimOne(u"w2"_s);
    const auto all = *store::readAttempts(*db, first.id);
    QCOMPARE(all.size(), 2);
    QCOMPARE(all[0].worker + u' ' + all[0].outcome + u' ' + all[0].error + u' ' + all[0].logTail,
             u"w1 retry no luck tail"_s);
    QCOMPARE(all[0].endedAtMs - all[0].startedAtMs, 500);
    QCOMPARE(all[0].exitCode, -9);
    QCOMPARE(all[0].cpuMs, 12);
    QCOMPARE(all[0].maxRssKb, 34);
    QCOMPARE(all[1].worker + all[1].outcome, u"w2"_s);
    QCOMPARE(all[1].endedAtMs, 0);
    QCOMPARE(all[1].cpuMs, -1);
    QVERIFY(store::readAttempts(*db, 4711)->isEmpty());
}

void TestQueueLists::counts()
{
    const auto counted = [&]() -> QString {
        const auto counts = store::countJobs(*db);
        QStringList all;
        for (const auto &[state, count] : counts->byState)
            all << state + u' ' + QString::number(count);
        all.sort();
        return all.join(u", "_s) + u"; "_s + QString::number(counts->oldestOpenMs);
    };
    QCOMPARE(counted(), u"; 0"_s);
    const qint64 first = now;
    for (const QString &call : {u"CA1"_s, u"CA2"_s, u"CA3"_s}) {
        beginAndEnd(call);
        now += 1000;
    }
    QCOMPARE(counted(), u"available 3, pending 18; %1"_s.arg(first));
    finish(claimOne(), Outcome::skipped(u"x"_s));
    const Job convert = claimOne();
    QCOMPARE(counted(), u"available 2, pending 17, running 1, skipped 1; %1"_s.arg(first + 1000));
    now += 24 * 3'600'000 + 1;
    finish(convert);
    QCOMPARE(counted(), u"available 3, completed 1, pending 16; %1"_s.arg(first + 1000)); // a day ago is history
}

void TestQueueLists::hints()
{
    QObject receiver;
    int heard = 0;
    const auto listener = another();
    listener->listen(&receiver, [&] { ++heard; });
    beginAndEnd(u"CA1"_s);
    const Job job = claimOne();
    QTest::qWait(50);
    heard = 0;
    const auto hearsOf = [&](const std::function<void()> &act) {
        act();
        if (onPostgres())
            return QTest::qWaitFor([&] { return std::exchange(heard, 0) > 0; }, 5000);
        return heard == 0; // SQLite has none
    };
    QVERIFY(hearsOf([&] { QCOMPARE(queue().cancel(job.id), QString()); }));
    QVERIFY(hearsOf([&] { finish(job, Outcome::cancelled()); }));
    QVERIFY(hearsOf([&] { QCOMPARE(queue().retry(job.id), QString()); }));
    QVERIFY(hearsOf([&] { QCOMPARE(queue().setPaused(u"*"_s, true), QString()); }));
    QVERIFY(hearsOf([&] { db->hint(); }));
    // One's own is none.
    listener->hint();
    QTest::qWait(100);
    QCOMPARE(heard, 0);
}

QTEST_GUILESS_MAIN(TestQueueLists)
#include "tst_queue_lists.moc"
