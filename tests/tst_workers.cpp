// SPDX-License-Identifier: GPL-3.0-or-later
// The processes that share a database: who is dead, and what becomes of the calls and jobs that they had. On both
// databases; the processes that die here are real.
#include "store/workerstore.h"
#include "support/storerig.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>

#include <QTemporaryDir>

#include <csignal>
#include <unistd.h>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Worker;
using store::WorkerStore;
using test::row;
using test::rows;

namespace {

CallReport report(const QString &call, const QString &status, qint64 atMs)
{
    CallReport r;
    r.callSid = call;
    r.business = u"shop"_s;
    r.status = status;
    r.atMs = atMs;
    return r;
}

} // namespace

class TestWorkers : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void thisProcess();
    void announcesAndRetires();
    void deadByHeartbeat();
    void deadByItsProcess();
    void aNumberUsedAgain();
    void anotherBoot();
    void aBootThatIsNotKnown_data();
    void aBootThatIsNotKnown();
    void aProcessThatIsHidden();
    void anotherHostOrContainer();
    void buriesCallsAndReleasesJobs();
    void aCallInTheCarriersHandsIsNotBuried();
    void aCallThatTheCarrierIsSilentOf_data();
    void aCallThatTheCarrierIsSilentOf();
    void aRecordingSpeaksForItsCall();
    void aCallThatSomebodyHasAgainIsNotBuried();
    void forgottenCalls();
    void callsBeside();

private:
    QStringList dead(const Worker &self);
    Worker announced(Worker worker);
};

QStringList TestWorkers::dead(const Worker &self)
{
    const auto dead = WorkerStore(*db).dead(self);
    return dead ? *dead : QStringList{dead.error()};
}

Worker TestWorkers::announced(Worker worker)
{
    const QString error = WorkerStore(*db).announce(worker);
    if (!error.isEmpty())
        QTest::qFail(qPrintable(error), __FILE__, __LINE__);
    return worker;
}

void TestWorkers::thisProcess()
{
    const Worker one = store::thisWorker(u"all"_s, 2);
    const Worker two = store::thisWorker(u"all"_s, 2);
    QVERIFY(one.uid != two.uid && one.uid.size() == 36);
    QCOMPARE(one.pid, QCoreApplication::applicationPid());
    QVERIFY(one.pidStarted > 0);
    QCOMPARE(one.pidStarted, two.pidStarted);
    QVERIFY(one.host.contains(u'/') && !one.host.endsWith(u'/'));
    QCOMPARE(one.bootId.size(), 36);
    QCOMPARE(one.version, QString::fromLatin1(TAKT_VERSION));
}

void TestWorkers::announcesAndRetires()
{
    Worker one = announced(store::thisWorker(u"media"_s, 2));
    now += 1000;
    const Worker two = announced(store::thisWorker(u"worker"_s, 3));
    one.activeCalls = 7;
    one.slotCount = 5;
    now += 1000;
    announced(one);
    const auto all = *WorkerStore(*db).all();
    QCOMPARE(all.size(), 2);
    QCOMPARE(all[0].uid, one.uid);
    QCOMPARE(all[0].host + all[0].bootId + all[0].role, one.host + one.bootId + u"media"_s);
    QCOMPARE(all[0].activeCalls * 10 + all[0].slotCount, 75);
    QCOMPARE(all[0].heartbeatAtMs, now.load());
    QCOMPARE(all[1].heartbeatAtMs, now - 1000);
    QCOMPARE(all[1].pid, two.pid);
    QCOMPARE(all[1].pidStarted, two.pidStarted);
    QCOMPARE(WorkerStore(*db).retire(one.uid), QString());
    QCOMPARE(WorkerStore(*db).retire(u"nobody"_s), QString());
    QCOMPARE(WorkerStore(*db).all()->size(), 1);
}

void TestWorkers::deadByHeartbeat()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    const Worker other = announced(store::thisWorker(u"all"_s, 2));
    QCOMPARE(dead(self), QStringList());
    now += store::kWorkerDeadMs;
    QCOMPARE(dead(self), QStringList());
    now += 1;
    QCOMPARE(dead(self), QStringList{other.uid}); // and never itself
    announced(other);
    QCOMPARE(dead(self), QStringList());
    QCOMPARE(dead(other), QStringList{self.uid});
}

void TestWorkers::deadByItsProcess()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    QProcess process;
    process.start(u"sleep"_s, {u"60"_s});
    QVERIFY(process.waitForStarted());
    Worker other = store::thisWorker(u"all"_s, 2);
    other.pid = process.processId();
    QFile stat(u"/proc/%1/stat"_s.arg(other.pid));
    QVERIFY(stat.open(QIODevice::ReadOnly));
    other.pidStarted = stat.readAll().split(' ').at(21).toLongLong();
    announced(other);
    QCOMPARE(dead(self), QStringList());
    ::kill(pid_t(other.pid), SIGKILL);
    // Not yet reaped it is as dead as can be.
    QTRY_COMPARE(dead(self), QStringList{other.uid});
    process.waitForFinished();
    QCOMPARE(dead(self), QStringList{other.uid});
}

void TestWorkers::aNumberUsedAgain()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    Worker earlier = store::thisWorker(u"all"_s, 2); // had our number, and began at another time
    earlier.pidStarted -= 1;
    announced(earlier);
    QCOMPARE(dead(self), QStringList{earlier.uid});
}

void TestWorkers::anotherBoot()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    Worker other = store::thisWorker(u"all"_s, 2);
    other.bootId = u"another"_s;
    announced(other);
    // A file is used by one machine: this one was started anew. A server is used by many.
    QCOMPARE(dead(self), onPostgres() ? QStringList() : QStringList{other.uid});
    now += store::kWorkerDeadMs + 1;
    QCOMPARE(dead(self), QStringList{other.uid});
}

void TestWorkers::aBootThatIsNotKnown_data()
{
    QTest::addColumn<bool>("here");
    QTest::addColumn<bool>("there");
    QTest::newRow("of neither") << false << false;
    QTest::newRow("of the other one") << true << false;
    QTest::newRow("of this one") << false << true;
}

// Two machines may have one name: where their boots are not told, neither may bury the other before its heart stands still.
void TestWorkers::aBootThatIsNotKnown()
{
    QFETCH(bool, here);
    QFETCH(bool, there);
    Worker self = store::thisWorker(u"all"_s, 2);
    Worker other = store::thisWorker(u"all"_s, 2);
    other.pidStarted -= 1; // nothing here is this process
    if (!here)
        self.bootId.clear();
    if (!there)
        other.bootId.clear();
    announced(self);
    announced(other);
    QCOMPARE(dead(self), QStringList());
    now += store::kWorkerDeadMs + 1;
    QCOMPARE(dead(self), QStringList{other.uid});
}

// As another user's are with hidepid=2: nothing of it is in /proc, and it lives.
void TestWorkers::aProcessThatIsHidden()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    QProcess process;
    process.start(u"sleep"_s, {u"60"_s});
    QVERIFY(process.waitForStarted());
    Worker other = store::thisWorker(u"all"_s, 2);
    other.pid = process.processId();
    announced(other);
    QTemporaryDir nothing;
    WorkerStore store(*db, nothing.path());
    QCOMPARE(*store.dead(self), QStringList());
    // Root may send a signal to anybody; another user hears that he may not.
    if (geteuid() == 0 && setresuid(65'534, 65'534, 0) == 0) {
        const auto dead = store.dead(self);
        QCOMPARE(setresuid(0, 0, 0), 0);
        QVERIFY2(dead.ok(), dead ? "" : qPrintable(dead.error()));
        QCOMPARE(*dead, QStringList());
    }
    process.kill();
    QVERIFY(process.waitForFinished());
    QCOMPARE(*store.dead(self), QStringList{other.uid});
}

void TestWorkers::anotherHostOrContainer()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    Worker other = store::thisWorker(u"all"_s, 2);
    other.host = u"elsewhere/pid:[1]"_s;
    other.pid = 2; // its number says nothing here
    announced(other);
    QCOMPARE(dead(self), QStringList());
}

void TestWorkers::buriesCallsAndReleasesJobs()
{
    Worker owner = store::thisWorker(u"all"_s, 2);
    owner.uid = u"owner"_s; // that StoreTest's calls belong to
    announced(owner);
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    begin(u"CA1"_s, u"MZ1"_s);
    write(TurnFinished{u"CA1"_s, u"MZ1"_s, u"i"_s, Speaker::Caller, u"hello"_s, false, 0, 0, 0, now + 5000});
    begin(u"CA2"_s, u"MZ2"_s);
    beginAndEnd(u"CA3"_s);
    QCOMPARE(*WorkerStore(*db).bury({}), 0);
    QCOMPARE(states(), u"pending pending pending pending pending pending pending"_s);
    const qint64 began = now;
    now += 20'000;
    QCOMPARE(*WorkerStore(*db).bury({u"owner"_s}), 2);
    QCOMPARE(rows(db, u"SELECT call_sid, ended_at_ms, end_reason FROM calls ORDER BY call_sid"_s),
             (QStringList{u"CA1|%1|gateway_died"_s.arg(began + 5000), u"CA2|%1|gateway_died"_s.arg(began),
                          u"CA3|%1|carrier_stop"_s.arg(began)}));
    QCOMPARE(states(), u"available pending pending pending pending pending pending"_s);
    QCOMPARE(job(u"run_at_ms, created_at_ms, business"_s), u"%1|%1|shop"_s.arg(now.load()));
    QCOMPARE(WorkerStore(*db).all()->size(), 1);
    QCOMPARE(claim(9).size(), 3);
    QCOMPARE(*WorkerStore(*db).bury({u"owner"_s}), 0);
    // It lives after all, and tells the true end.
    end(u"CA1"_s, u"MZ1"_s);
    QCOMPARE(row(db, u"SELECT end_reason FROM calls WHERE call_sid = 'CA1'"_s), u"carrier_stop"_s);
    QCOMPARE(states(), u"running pending pending pending pending pending pending"_s);
}

void TestWorkers::aCallInTheCarriersHandsIsNotBuried()
{
    write(report(u"CA1"_s, u"ringing"_s, now));
    RecordingReport recording;
    recording.callSid = u"CA2"_s;
    recording.recordingSid = u"RE2"_s;
    recording.status = u"in-progress"_s;
    recording.atMs = now;
    write(recording);
    QCOMPARE(*WorkerStore(*db).bury({u"owner"_s}), 0); // nobody announced it: restarted, or yet to come
    QCOMPARE(rows(db, u"SELECT ended_at_ms FROM calls"_s), (QStringList{u"null"_s, u"null"_s}));
    write(report(u"CA1"_s, u"completed"_s, now + 7));
    QCOMPARE(row(db, u"SELECT ended_at_ms, end_reason FROM calls WHERE call_sid = 'CA1'"_s),
             u"%1|carrier_completed"_s.arg(now + 7));
}

void TestWorkers::aCallThatTheCarrierIsSilentOf_data()
{
    QTest::addColumn<QString>("owner");
    QTest::addColumn<QString>("direction");
    QTest::addColumn<QString>("status");
    QTest::addColumn<qint64>("ms"); // since it began
    QTest::addColumn<bool>("over");
    const QString in = u"inbound"_s, out = u"outbound"_s, dead = u"owner"_s, alive = u"alive"_s;
    QTest::newRow("answered") << dead << in << u"in-progress"_s << store::kSilentMs + 1 << true;
    QTest::newRow("not yet answered") << dead << in << u"ringing"_s << store::kSilentMs + 1 << true;
    QTest::newRow("a moment ago") << dead << in << u"in-progress"_s << store::kSilentMs << false;
    QTest::newRow("its gateway lives") << alive << in << u"in-progress"_s << store::kSilentMs + 1 << false;
    for (const char *status : {"queued", "initiated", "ringing"})
        QTest::addRow("rings outside: %s", status) << dead << out << QString::fromLatin1(status) << 60'000LL << false;
    QTest::newRow("answered outside") << dead << out << u"in-progress"_s << store::kSilentMs + 1 << true;
}

// Without a stream, its gateway dead: its end may have been told while nobody was there to hear it.
void TestWorkers::aCallThatTheCarrierIsSilentOf()
{
    QFETCH(QString, owner);
    QFETCH(QString, direction);
    QFETCH(QString, status);
    QFETCH(qint64, ms);
    QFETCH(bool, over);
    Worker alive = store::thisWorker(u"all"_s, 2);
    alive.uid = u"alive"_s;
    announced(alive);
    CallReport call = report(u"CA1"_s, status, now);
    call.direction = direction;
    QVERIFY(!store::CallStore(*db, owner).write(call).isValid());
    const qint64 began = now;
    now += ms;
    QCOMPARE(*WorkerStore(*db).bury({}), over ? 1 : 0);
    QCOMPARE(row(db, u"SELECT ended_at_ms, end_reason FROM calls"_s),
             over ? u"%1|carrier_silent"_s.arg(began) : u"null|null"_s);
    QCOMPARE(states(), over ? u"available pending pending pending pending pending pending"_s : QString());
    QCOMPARE(*WorkerStore(*db).bury({}), 0);
    // The carrier's word comes after all: late, and of no harm.
    write(report(u"CA1"_s, u"completed"_s, now + 5));
    QCOMPARE(row(db, u"SELECT carrier_status, end_reason FROM calls"_s),
             over ? u"completed|carrier_silent"_s : u"completed|carrier_completed"_s);
    // ... and what is overtaken by it opens nothing again.
    write(report(u"CA1"_s, u"in-progress"_s, now + 6));
    QCOMPARE(row(db, u"SELECT COUNT(*) FROM calls WHERE carrier_status = 'completed' AND ended_at_ms IS NOT NULL"_s),
             u"1"_s);
}

void TestWorkers::aRecordingSpeaksForItsCall()
{
    write(report(u"CA1"_s, u"in-progress"_s, now));
    RecordingReport recording;
    recording.callSid = u"CA1"_s;
    recording.recordingSid = u"RE1"_s;
    recording.status = u"in-progress"_s;
    now += 8000;
    recording.atMs = now;
    write(recording);
    now += store::kSilentMs;
    QCOMPARE(*WorkerStore(*db).bury({}), 0);
    now += 1;
    QCOMPARE(*WorkerStore(*db).bury({}), 1);
}

void TestWorkers::aCallThatSomebodyHasAgainIsNotBuried()
{
    const Worker self = announced(store::thisWorker(u"all"_s, 2));
    begin();
    store::CallStore calls(*db, self.uid); // the carrier came back, to another gateway
    QVERIFY(!calls.write(CallStarted{u"CA1"_s, u"MZ2"_s, {}, u"shop"_s, Direction::Inbound, {}, {}, now}).isValid());
    QCOMPARE(*WorkerStore(*db).bury({u"owner"_s}), 0);
    QCOMPARE(row(db, u"SELECT ended_at_ms, owner FROM calls"_s), u"null|"_s + self.uid);
    QCOMPARE(*WorkerStore(*db).bury({self.uid}), 1);
}

void TestWorkers::forgottenCalls()
{
    const qint64 began = now;
    write(report(u"CA1"_s, u"ringing"_s, now));
    write(report(u"CA2"_s, u"ringing"_s, now + 1000));
    begin(u"CA3"_s, u"MZ3"_s);
    write(report(u"CA4"_s, u"busy"_s, now));
    now += 3'600'000;
    QCOMPARE(*WorkerStore(*db).endForgottenCalls(began + 1000), 1);
    QCOMPARE(rows(db, u"SELECT call_sid, ended_at_ms, end_reason FROM calls ORDER BY call_sid"_s),
             (QStringList{u"CA1|%1|carrier_silent"_s.arg(began), u"CA2|null|null"_s, u"CA3|null|null"_s,
                          u"CA4|%1|carrier_busy"_s.arg(began)}));
    QCOMPARE(states(), u"available pending pending pending pending pending pending"_s);
    QCOMPARE(job(u"business"_s), u"shop"_s);
    QCOMPARE(states(u"CA2"_s), QString());
    QCOMPARE(*WorkerStore(*db).endForgottenCalls(began + 1000), 0);
}

void TestWorkers::callsBeside()
{
    Worker self = store::thisWorker(u"worker"_s, 2);
    self.activeCalls = 100;
    announced(self);
    QCOMPARE(*WorkerStore(*db).activeCallsBeside(self), 0);
    Worker beside = store::thisWorker(u"all"_s, 2);
    beside.activeCalls = 3;
    announced(beside);
    beside.uid = u"x"_s;
    beside.activeCalls = 4;
    announced(beside);
    Worker far = store::thisWorker(u"all"_s, 2);
    far.host = u"elsewhere"_s;
    far.activeCalls = 50;
    announced(far);
    far.uid = u"y"_s;
    far.host = self.host;
    far.bootId = u"another"_s; // of the same name
    announced(far);
    QCOMPARE(*WorkerStore(*db).activeCallsBeside(self), 7);
    now += store::kWorkerDeadMs + 1;
    announced(beside);
    QCOMPARE(*WorkerStore(*db).activeCallsBeside(self), 4); // the silent one counts no more
}

QTEST_GUILESS_MAIN(TestWorkers)
#include "tst_workers.moc"
