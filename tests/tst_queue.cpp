// SPDX-License-Identifier: GPL-3.0-or-later
// The queue, from a call's beginning to its jobs' claims: planned, held, released, claimed in order. On both databases.
#include "support/storerig.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::Outcome;
using test::row;
using test::rows;

namespace {

const QString kAllPending = u"pending pending pending pending pending pending pending"_s;
const QString kFirstAvailable = u"available pending pending pending pending pending pending"_s;

CallReport report(const QString &call, const QString &status, const QString &parent = {})
{
    CallReport r;
    r.callSid = call;
    r.parentCallSid = parent;
    r.status = status;
    r.atMs = 5000;
    return r;
}

RecordingReport recording(const QString &call, const QString &status)
{
    RecordingReport r;
    r.callSid = call;
    r.recordingSid = u"RE1"_s;
    r.status = status;
    r.atMs = 5000;
    return r;
}

} // namespace

class TestQueue : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void plannedHeldAndReleased();
    void repeatedWritesChangeNothing();
    void theEndAndTheReleaseAreOneTransaction();
    void aSecondStreamHolds();
    void aSecondStreamStopsWhatRuns();
    void aCallWithoutAStreamIsReleasedAfterAGrace();
    void theBusinessIsTheCalls();
    void aLegHasNoJobs();
    void aLegWithAnAgentKeepsItsJobs();
    void aRecordingWakesTheDownload_data();
    void aRecordingWakesTheDownload();
    void claimOrder();
    void claimsOnlyItsStages();
    void claimsAsManyAsAsked();
    void claimsNothingWhileTheCallIsActive();
    void pausedStages();
    void oneMessageABusinessAtATime();
};

void TestQueue::plannedHeldAndReleased()
{
    begin();
    QCOMPARE(states(), kAllPending);
    QCOMPARE(
        rows(db,
             u"SELECT stage, business, waits_for_call, pending_deps, attempt, max_attempts FROM jobs ORDER BY id"_s),
        (QStringList{u"recording.download|shop|1|0|0|10"_s, u"audio.convert|shop|1|1|0|10"_s,
                     u"transcribe|shop|1|1|0|10"_s, u"summarize|shop|1|1|0|10"_s, u"extract|shop|1|1|0|10"_s,
                     u"lead.update|shop|1|1|0|10"_s, u"webhook.deliver|shop|1|1|0|10"_s}));
    QCOMPARE(rows(db, u"SELECT COUNT(*) FROM job_deps"_s), QStringList{u"6"_s});
    QVERIFY(claim(9).isEmpty());
    now += 60'000;
    end();
    QCOMPARE(states(), kFirstAvailable);
    QCOMPARE(job(u"created_at_ms, run_at_ms, waits_for_call"_s), u"1700000060000|1700000060000|0"_s);
    QCOMPARE(claimOne().callSid, u"CA1"_s);
    QVERIFY(claim(9).isEmpty()); // each stage needs the one before
}

void TestQueue::repeatedWritesChangeNothing()
{
    const QString all = u"SELECT * FROM jobs ORDER BY id"_s;
    begin();
    begin();
    QCOMPARE(states(), kAllPending);
    end();
    const QStringList before = rows(db, all);
    now += 5000;
    end();
    QCOMPARE(rows(db, all), before);
    QCOMPARE(rows(db, u"SELECT COUNT(*) FROM job_deps"_s), QStringList{u"6"_s});
    finish(claimOne());
    const QStringList later = rows(db, all);
    now += 5000;
    end();
    write(report(u"CA1"_s, u"completed"_s));
    QCOMPARE(rows(db, all), later);
}

void TestQueue::theEndAndTheReleaseAreOneTransaction()
{
    begin();
    {
        store::Transaction transaction(*db);
        store::CallStore calls(*db, u"owner"_s);
        QVERIFY(!calls.write(CallEnded{u"CA1"_s, u"MZ1"_s, EndReason::CarrierStop, {}, 0, {}, 9}).isValid());
        QCOMPARE(states(), kFirstAvailable);
    } // not committed
    QCOMPARE(states(), kAllPending);
    QCOMPARE(row(db, u"SELECT ended_at_ms FROM calls"_s), u"null"_s);
}

void TestQueue::aSecondStreamHolds()
{
    beginAndEnd(u"CA1"_s);
    finish(claimOne(), Outcome::retry(u"not now"_s));
    QCOMPARE(state(Stage::Download), u"retryable"_s);
    begin(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(states(), kAllPending);
    now += 3'600'000;
    QVERIFY(claim(9).isEmpty());
    end(u"CA1"_s, u"MZCA1"_s); // of the stream that was replaced
    QCOMPARE(states(), kAllPending);
    end(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(states(), kFirstAvailable);
    finish(claimOne());
    // What is finished stays finished.
    begin(u"CA1"_s, u"MZ3"_s);
    QCOMPARE(states(), u"completed pending pending pending pending pending pending"_s);
    end(u"CA1"_s, u"MZ3"_s);
    QCOMPARE(states(), u"completed available pending pending pending pending pending"_s);
}

void TestQueue::aSecondStreamStopsWhatRuns()
{
    beginAndEnd(u"CA1"_s);
    const Job download = claimOne();
    begin(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(job(u"state, stop_requested, waits_for_call"_s), u"running|hold|1"_s);
    QCOMPARE((*queue().heartbeat({download}))[download.id], store::Order::Hold);
    QVERIFY(finish(download, Outcome::interrupted(u"call active"_s)));
    QCOMPARE(job(u"state, stop_requested, attempt, interruptions"_s), u"pending||0|1"_s);
    end(u"CA1"_s, u"MZ2"_s);
    QCOMPARE(states(), kFirstAvailable);
    // One that ends in spite of it: what comes next waits all the same.
    const Job again = claimOne();
    begin(u"CA1"_s, u"MZ3"_s);
    QVERIFY(finish(again));
    QCOMPARE(states(), u"completed pending pending pending pending pending pending"_s);
    QCOMPARE(job(u"pending_deps"_s, Stage::Convert), u"0"_s);
    end(u"CA1"_s, u"MZ3"_s);
    QCOMPARE(state(Stage::Convert), u"available"_s);
}

void TestQueue::aCallWithoutAStreamIsReleasedAfterAGrace()
{
    write(report(u"CA1"_s, u"ringing"_s));
    QCOMPARE(states(), QString());
    write(report(u"CA1"_s, u"busy"_s));
    QCOMPARE(states(), kFirstAvailable);
    QVERIFY(claim().isEmpty());
    now += 9'999;
    QVERIFY(claim().isEmpty());
    now += 1;
    QCOMPARE(claim().size(), 1);
}

void TestQueue::theBusinessIsTheCalls()
{
    CallReport ringing = report(u"CA1"_s, u"ringing"_s);
    ringing.business = u"garage"_s;
    write(ringing);
    write(report(u"CA1"_s, u"completed"_s)); // does not say whose it is
    QCOMPARE(job(u"business"_s), u"garage"_s);
    ringing.callSid = u"CA2"_s;
    write(ringing);
    begin(u"CA2"_s, u"MZ2"_s, QString());
    QCOMPARE(job(u"business"_s, Stage::Webhook, u"CA2"_s), u"garage"_s);
}

void TestQueue::aLegHasNoJobs()
{
    write(report(u"CA2"_s, u"completed"_s));
    QCOMPARE(states(u"CA2"_s), kFirstAvailable);
    beginAndEnd(u"CA1"_s);
    write(report(u"CA2"_s, u"completed"_s, u"CA1"_s));
    QCOMPARE(states(u"CA2"_s), QString());
    QCOMPARE(states(), kFirstAvailable);
    // One that is being worked on already ends, and has no followers.
    write(report(u"CA3"_s, u"completed"_s));
    now += 10'000;
    const QList<Job> both = claim(2);
    QCOMPARE(both.size(), 2);
    const Job leg = both[0].callSid == "CA3"_L1 ? both[0] : both[1];
    write(report(u"CA3"_s, u"completed"_s, u"CA1"_s));
    QCOMPARE(rows(db, u"SELECT stage, state, stop_requested FROM jobs WHERE call_sid = 'CA3'"_s),
             QStringList{u"recording.download|running|cancel"_s});
    QVERIFY(finish(leg, Outcome::cancelled()));
    QVERIFY(claim(9).isEmpty());
}

void TestQueue::aLegWithAnAgentKeepsItsJobs()
{
    begin(u"CA2"_s, u"MZ2"_s);
    write(report(u"CA2"_s, u"in-progress"_s, u"CA1"_s));
    QCOMPARE(states(u"CA2"_s), kAllPending);
    end(u"CA2"_s, u"MZ2"_s);
    QCOMPARE(states(u"CA2"_s), kFirstAvailable);
    write(report(u"CA2"_s, u"completed"_s, u"CA1"_s));
    QCOMPARE(states(u"CA2"_s), kFirstAvailable);
}

void TestQueue::aRecordingWakesTheDownload_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<bool>("wakes");
    QTest::newRow("completed") << u"completed"_s << true;
    QTest::newRow("absent") << u"absent"_s << true;
    QTest::newRow("in-progress") << u"in-progress"_s << false;
}

void TestQueue::aRecordingWakesTheDownload()
{
    QFETCH(QString, status);
    QFETCH(bool, wakes);
    beginAndEnd(u"CA1"_s);
    beginAndEnd(u"CA2"_s);
    for (const Job &each : claim(2))
        finish(each, Outcome::snoozed(u"not ready"_s, 60'000));
    write(recording(u"CA1"_s, status));
    QCOMPARE(claim(9).size(), wakes ? 1 : 0);
    QCOMPARE(state(Stage::Download, u"CA2"_s), u"scheduled"_s); // another call's
    if (!wakes)
        return;
    // Only what is snoozed: neither a running one nor one that failed.
    write(recording(u"CA1"_s, status));
    QCOMPARE(state(Stage::Download), u"running"_s);
    begin(u"CA3"_s, u"MZ3"_s);
    write(recording(u"CA3"_s, status));
    QCOMPARE(state(Stage::Download, u"CA3"_s), u"pending"_s);
}

void TestQueue::claimOrder()
{
    beginAndEnd(u"CA1"_s);
    beginAndEnd(u"CA2"_s);
    beginAndEnd(u"CA3"_s);
    exec(u"UPDATE jobs SET run_at_ms = run_at_ms - 5 WHERE call_sid = 'CA2'"_s); // waits longest
    finish(claim(1, u"w1"_s).value(0));                                          // CA2's download
    QStringList order;
    for (const Job &each : claim(9))
        order << each.callSid + u' ' + name(each.stage);
    // What is nearer to its call's end goes first; then the oldest; then the first made.
    QCOMPARE(order, (QStringList{u"CA2 audio.convert"_s, u"CA1 recording.download"_s, u"CA3 recording.download"_s}));
}

void TestQueue::claimsOnlyItsStages()
{
    beginAndEnd(u"CA1"_s);
    beginAndEnd(u"CA2"_s);
    finish(claimOne());
    QVERIFY(claim(9, u"w1"_s, {Stage::Transcribe, Stage::Webhook}).isEmpty());
    QCOMPARE(claim(9, u"w1"_s, {Stage::Transcribe, Stage::Convert}).value(0).stage, Stage::Convert);
    QCOMPARE(claim(9, u"w1"_s, {Stage::Download}).size(), 1);
}

void TestQueue::claimsAsManyAsAsked()
{
    for (int i = 0; i < 5; ++i)
        beginAndEnd(u"CA%1"_s.arg(i));
    QCOMPARE(claim(0).size(), 0);
    QCOMPARE(claim(2).size(), 2);
    QCOMPARE(claim(9).size(), 3);
}

void TestQueue::claimsNothingWhileTheCallIsActive()
{
    begin();
    exec(u"UPDATE jobs SET state = 'available', waits_for_call = 0, pending_deps = 0"_s); // however that came about
    QVERIFY(claim(9).isEmpty());
    end();
    QVERIFY(!claim(9).isEmpty());
}

void TestQueue::pausedStages()
{
    beginAndEnd(u"CA1"_s);
    beginAndEnd(u"CA2"_s);
    finish(claimOne());
    QCOMPARE(queue().setPaused(u"audio.convert"_s, true), QString());
    QCOMPARE(claim(9).value(0).stage, Stage::Download);
    QCOMPARE(*queue().paused(), QStringList{u"audio.convert"_s});
    QCOMPARE(queue().setPaused(u"*"_s, true), QString());
    QCOMPARE(queue().setPaused(u"audio.convert"_s, false), QString());
    QCOMPARE(*queue().paused(), QStringList{u"*"_s});
    QVERIFY(claim(9).isEmpty());
    QCOMPARE(queue().setPaused(u"*"_s, false), QString());
    QCOMPARE(claim(9).value(0).stage, Stage::Convert);
    QVERIFY(queue().setPaused(u"dishes"_s, true).contains(u"no stage"_s));
    QVERIFY(queue().paused()->isEmpty());
}

void TestQueue::oneMessageABusinessAtATime()
{
    for (const auto &[call, business] :
         {std::pair{u"CA1"_s, u"shop"_s}, {u"CA2"_s, u"shop"_s}, {u"CA3"_s, u"garage"_s}})
        beginAndEnd(call, business);
    exec(u"UPDATE jobs SET state = 'completed', finished_at_ms = 1 WHERE stage <> 'webhook.deliver'"_s);
    exec(u"UPDATE jobs SET state = 'available', pending_deps = 0 WHERE stage = 'webhook.deliver'"_s);
    const QList<Job> first = claim(9);
    QCOMPARE(first.size(), 2);
    QCOMPARE(first[0].callSid, u"CA1"_s);
    QCOMPARE(first[1].callSid, u"CA3"_s);
    QVERIFY(claim(9, u"w2"_s).isEmpty());
    finish(first[0]);
    QCOMPARE(claim(9, u"w2"_s).value(0).callSid, u"CA2"_s);
}

QTEST_GUILESS_MAIN(TestQueue)
#include "tst_queue.moc"
