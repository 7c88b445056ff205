// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing heavy while a call is active: who gets a pass, who is stopped, and when children stand still. A simulated clock;
// real child processes where it is about them.
#include "jobs/gate.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <csignal>
#include <sys/syscall.h>
#include <thread>
#include <type_traits>
#include <unistd.h>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using config::GateMode;
using config::JobsSettings;
using jobs::CallGate;
using jobs::GatePass;

// Nobody but the gate makes one.
static_assert(!std::is_default_constructible_v<GatePass>);
static_assert(!std::is_constructible_v<GatePass, CallGate &, const QString &>);
static_assert(!std::is_constructible_v<GatePass, CallGate &, const QString &, qint64>);
static_assert(!std::is_copy_constructible_v<GatePass> && !std::is_move_constructible_v<GatePass>);

namespace {

struct Rig {
    explicit Rig(GateMode mode = GateMode::OwnCall, int lateMs = 10, int burst = 5)
        : gate(settings(mode, lateMs, burst), [this] { return now; })
        , opened(&gate, &CallGate::opened)
    {
    }
    static JobsSettings settings(GateMode mode, int lateMs, int burst)
    {
        JobsSettings s;
        s.gate = mode;
        s.freezeLateMs = lateMs;
        s.freezeBurstCalls = burst;
        return s;
    }
    std::shared_ptr<GatePass> enter(const QString &call = u"CA1"_s) { return gate.enter(call, reason); }
    // A beat in time, every quarter of a second.
    void calm(qint64 ms)
    {
        for (const qint64 end = now + ms; now < end;) {
            now = std::min(now + 250, end);
            gate.noteBeat(0.1, false);
        }
    }
    qint64 now = 1'000'000;
    CallGate gate;
    QSignalSpy opened;
    QString reason;
};

// A process that only waits, known by a pidfd.
struct Sleeper {
    Sleeper()
    {
        process.start(u"sleep"_s, {u"60"_s});
        process.waitForStarted();
        pidfd = int(::syscall(SYS_pidfd_open, pid_t(process.processId()), 0U));
    }
    ~Sleeper()
    {
        ::close(pidfd);
        process.kill();
        process.waitForFinished();
    }
    [[nodiscard]] char state() const
    {
        QFile stat(u"/proc/%1/stat"_s.arg(process.processId()));
        if (!stat.open(QIODevice::ReadOnly))
            return '?';
        const QByteArray text = stat.readAll();
        return text.at(text.lastIndexOf(')') + 2);
    }
    [[nodiscard]] bool becomes(char wanted) const
    {
        return QTest::qWaitFor([&] { return state() == wanted; });
    }
    QProcess process;
    int pidfd = -1;
};

} // namespace

class TestGate : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ownCall();
    void aCallOfTwoStreams();
    void aCallThatBecomesActiveAgainStopsItsJobs();
    void quietMode();
    void offHost();
    void aLateBeat_data();
    void aLateBeat();
    void aLateBeatMayBeAllowed();
    void aBurstOfCalls();
    void heldTimeIsNotActive();
    void childrenStandStill();
    void aChildOfAStoppedCallStandsStill();
    void stopAll();
    void theFirstReasonStays();
    void manyThreads();
};

void TestGate::ownCall()
{
    Rig rig;
    QVERIFY(rig.enter() != nullptr);
    rig.gate.callStarted(u"CA1"_s);
    QVERIFY(rig.enter() == nullptr);
    QCOMPARE(rig.reason, u"call active"_s);
    const auto other = rig.enter(u"CA2"_s); // not its call
    QVERIFY(other != nullptr);
    QCOMPARE(rig.reason, QString());
    QCOMPARE(rig.gate.closedReason(), QString());
    QCOMPARE(rig.gate.running(), 1);
    QCOMPARE(rig.opened.size(), 0);
    rig.gate.callEnded(u"CA1"_s);
    QCOMPARE(rig.opened.size(), 1);
    QVERIFY(rig.enter() != nullptr);
    QCOMPARE(other->stopReason(), QString());
    QCOMPARE(other->heldReason(), QString());
    rig.gate.callEnded(u"CA9"_s); // never heard of it
    QCOMPARE(rig.opened.size(), 1);
}

void TestGate::aCallOfTwoStreams()
{
    Rig rig;
    rig.gate.callStarted(u"CA1"_s);
    rig.gate.callStarted(u"CA1"_s); // takes over
    rig.gate.callEnded(u"CA1"_s);   // the first one's end
    QVERIFY(rig.enter() == nullptr);
    QCOMPARE(rig.opened.size(), 0);
    rig.gate.callEnded(u"CA1"_s);
    QVERIFY(rig.enter() != nullptr);
}

void TestGate::aCallThatBecomesActiveAgainStopsItsJobs()
{
    Rig rig;
    const auto mine = rig.enter();
    const auto other = rig.enter(u"CA2"_s);
    QSignalSpy stopped(mine.get(), &GatePass::stopRequested);
    QSignalSpy otherStopped(other.get(), &GatePass::stopRequested);
    rig.gate.callStarted(u"CA1"_s);
    QCOMPARE(stopped.size(), 1);
    QCOMPARE(mine->stopReason(), u"call active"_s);
    QCOMPARE(mine->heldReason(), u"call active"_s);
    QCOMPARE(otherStopped.size(), 0);
    QCOMPARE(other->stopReason(), QString());
    QCOMPARE(other->heldReason(), QString());
    // Stopped for good: the job begins anew, after the call.
    rig.gate.callEnded(u"CA1"_s);
    QCOMPARE(mine->stopReason(), u"call active"_s);
    QCOMPARE(stopped.size(), 1);
}

void TestGate::quietMode()
{
    Rig rig(GateMode::Quiet);
    const auto pass = rig.enter();
    QSignalSpy held(pass.get(), &GatePass::heldChanged);
    rig.gate.callStarted(u"CA2"_s);
    QCOMPARE(rig.gate.closedReason(), u"quiet mode"_s);
    QVERIFY(rig.enter(u"CA3"_s) == nullptr);
    QCOMPARE(rig.reason, u"quiet mode"_s);
    QCOMPARE(pass->heldReason(), u"quiet mode"_s);
    QCOMPARE(pass->stopReason(), QString());
    rig.gate.noteCallsBeside(1);
    rig.gate.callEnded(u"CA2"_s); // one of another process goes on
    QCOMPARE(rig.opened.size(), 0);
    QCOMPARE(pass->heldReason(), u"quiet mode"_s);
    rig.gate.noteCallsBeside(0);
    QCOMPARE(rig.opened.size(), 1);
    QCOMPARE(pass->heldReason(), QString());
    QCOMPARE(held.size(), 2);
    QCOMPARE(held[0][0].toBool(), true);
    QCOMPARE(held[1][0].toBool(), false);
    QVERIFY(rig.enter(u"CA3"_s) != nullptr);
}

void TestGate::offHost()
{
    Rig rig(GateMode::OffHost);
    QVERIFY(rig.enter() == nullptr);
    QCOMPARE(rig.reason, u"off-host"_s);
    QCOMPARE(rig.gate.closedReason(), u"off-host"_s);
    rig.gate.callStarted(u"CA1"_s);
    rig.gate.callEnded(u"CA1"_s);
    QVERIFY(rig.enter() == nullptr);
    QCOMPARE(rig.opened.size(), 0);
}

void TestGate::aLateBeat_data()
{
    QTest::addColumn<double>("p99");
    QTest::addColumn<bool>("stalled");
    QTest::addColumn<bool>("late");
    QTest::newRow("in time") << 10.0 << false << false;
    QTest::newRow("late") << 10.1 << false << true;
    QTest::newRow("stalled") << 0.1 << true << true;
}

void TestGate::aLateBeat()
{
    QFETCH(double, p99);
    QFETCH(bool, stalled);
    QFETCH(bool, late);
    Rig rig;
    const auto pass = rig.enter();
    rig.gate.noteBeat(p99, stalled);
    QCOMPARE(rig.gate.closedReason(), late ? u"TX degraded"_s : QString());
    QCOMPARE(pass->heldReason(), late ? u"TX degraded"_s : QString());
    QCOMPARE(rig.enter(u"CA2"_s) == nullptr, late);
    if (!late)
        return;
    rig.calm(1'500);
    rig.gate.noteBeat(p99, stalled); // late again: from the beginning
    rig.now += 60'000;               // no news is no calm
    QCOMPARE(rig.gate.closedReason(), u"TX degraded"_s);
    rig.calm(250 + CallGate::kCalmMs - 1);
    QCOMPARE(pass->heldReason(), u"TX degraded"_s);
    QCOMPARE(rig.opened.size(), 0);
    rig.calm(1);
    QCOMPARE(pass->heldReason(), QString());
    QCOMPARE(rig.opened.size(), 1);
    QVERIFY(rig.enter(u"CA2"_s) != nullptr);
}

void TestGate::aLateBeatMayBeAllowed()
{
    Rig rig(GateMode::OwnCall, 0, 0);
    rig.gate.noteBeat(500, true);
    for (int i = 0; i < 100; ++i)
        rig.gate.callStarted(u"CA%1"_s.arg(i));
    QCOMPARE(rig.gate.closedReason(), QString());
}

void TestGate::aBurstOfCalls()
{
    Rig rig;
    const auto pass = rig.enter(u"CA0"_s);
    for (int i = 1; i <= 8; ++i) { // four a second are none
        rig.gate.callStarted(u"CA%1"_s.arg(i));
        rig.now += 250;
        QCOMPARE(pass->heldReason(), QString());
    }
    rig.now += 1'000;
    for (int i = 11; i <= 15; ++i) {
        QCOMPARE(pass->heldReason(), QString());
        rig.gate.callStarted(u"CA%1"_s.arg(i));
        rig.now += 199;
    }
    QCOMPARE(pass->heldReason(), u"calls are starting"_s);
    QVERIFY(rig.enter(u"CA99"_s) == nullptr);
    QCOMPARE(rig.reason, u"calls are starting"_s);
    rig.calm(250 + CallGate::kCalmMs - 1);
    QCOMPARE(pass->heldReason(), u"calls are starting"_s);
    rig.calm(1);
    QCOMPARE(pass->heldReason(), QString());
}

void TestGate::heldTimeIsNotActive()
{
    Rig rig;
    const auto pass = rig.enter();
    rig.now += 100;
    QCOMPARE(pass->activeMs(), 100);
    rig.gate.noteBeat(50, false);
    rig.now += 5'000;
    QCOMPARE(pass->activeMs(), 100);
    rig.calm(250 + CallGate::kCalmMs);
    rig.now += 11;
    QCOMPARE(pass->activeMs(), 111);
    rig.gate.noteBeat(50, false);
    rig.now += 1'000;
    QCOMPARE(pass->activeMs(), 111);
}

void TestGate::childrenStandStill()
{
    Sleeper one, two, three;
    Rig rig;
    const auto pass = rig.enter();
    pass->addChild(one.pidfd);
    pass->addChild(three.pidfd);
    pass->removeChild(three.pidfd);
    QVERIFY(one.becomes('S'));
    rig.gate.noteBeat(50, false);
    QVERIFY(one.becomes('T'));
    pass->addChild(two.pidfd); // comes late
    QVERIFY(two.becomes('T'));
    QCOMPARE(three.state(), 'S'); // no child any more
    rig.calm(250 + CallGate::kCalmMs);
    QVERIFY(one.becomes('S'));
    QVERIFY(two.becomes('S'));
    pass->removeChild(one.pidfd);
    pass->removeChild(two.pidfd);
}

void TestGate::aChildOfAStoppedCallStandsStill()
{
    Sleeper mine, others;
    Rig rig;
    const auto pass = rig.enter();
    const auto other = rig.enter(u"CA2"_s);
    pass->addChild(mine.pidfd);
    other->addChild(others.pidfd);
    QVERIFY(mine.becomes('S') && others.becomes('S'));
    rig.gate.callStarted(u"CA1"_s);
    QVERIFY(mine.becomes('T'));
    QCOMPARE(others.state(), 'S');
    rig.gate.noteBeat(50, false);
    rig.calm(250 + CallGate::kCalmMs); // lets go of the others
    QVERIFY(others.becomes('S'));
    QCOMPARE(mine.state(), 'T');
    pass->removeChild(mine.pidfd);
    other->removeChild(others.pidfd);
}

void TestGate::stopAll()
{
    Rig rig;
    const auto one = rig.enter();
    const auto two = rig.enter(u"CA2"_s);
    QSignalSpy stopped(one.get(), &GatePass::stopRequested);
    rig.gate.stopAll(u"shutdown"_s);
    QCOMPARE(stopped.size(), 1);
    QCOMPARE(one->stopReason(), u"shutdown"_s);
    QCOMPARE(two->stopReason(), u"shutdown"_s);
    QCOMPARE(one->heldReason(), QString()); // the children may say goodbye
    QVERIFY(rig.enter(u"CA3"_s) == nullptr);
    QCOMPARE(rig.reason, u"shutdown"_s);
}

void TestGate::theFirstReasonStays()
{
    Rig rig;
    const auto pass = rig.enter();
    QSignalSpy stopped(pass.get(), &GatePass::stopRequested);
    pass->stop(u"cancelled"_s);
    pass->stop(u"lease lost"_s);
    rig.gate.callStarted(u"CA1"_s);
    QCOMPARE(pass->stopReason(), u"cancelled"_s);
    QCOMPARE(stopped.size(), 1);
    QCOMPARE(pass->heldReason(), u"call active"_s); // its children get no more time nevertheless
}

// For sanitizers, and for whoever holds a lock too long: passes come and go while calls and the beat change.
void TestGate::manyThreads()
{
    CallGate gate(Rig::settings(GateMode::OwnCall, 10, 3));
    std::atomic<int> told = 0, passes = 0, refused = 0;
    QObject::connect(
        &gate, &CallGate::opened, &gate, [&] { ++told; }, Qt::DirectConnection);
    std::atomic<bool> end = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 3'000; ++n) {
                QString reason;
                if (const auto pass = gate.enter(u"CA%1"_s.arg((i + n) % 8), reason)) {
                    QObject context;
                    QObject::connect(pass.get(), &GatePass::stopRequested, &context, [&] { ++told; });
                    pass->addChild(-1);
                    (void)pass->activeMs();
                    if (n % 50 == 0)
                        pass->stop(u"enough"_s);
                    pass->removeChild(-1);
                    ++passes;
                } else {
                    ++refused;
                }
            }
        });
    }
    std::thread calls([&] {
        for (int n = 0; !end; ++n) {
            gate.callStarted(u"CA%1"_s.arg(n % 8));
            (void)gate.running();
            gate.callEnded(u"CA%1"_s.arg(n % 8));
        }
    });
    std::thread beat([&] {
        for (int n = 0; !end; ++n)
            gate.noteBeat(n % 100 == 0 ? 11 : 1, false);
    });
    for (std::thread &thread : threads)
        thread.join();
    end = true;
    calls.join();
    beat.join();
    QCOMPARE(passes + refused, 12'000);
    QCOMPARE(gate.running(), 0);
}

QTEST_GUILESS_MAIN(TestGate)
#include "tst_gate.moc"
