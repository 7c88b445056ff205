// SPDX-License-Identifier: GPL-3.0-or-later
// What the log and a call's figures say of its beat, on a simulated clock: a real queue and a real lane's health, slots every
// 20 ms, looks every 50 ms.
#include "calls/txwatch.h"
#include "telemetry/counters.h"

#include <QLoggingCategory>
#include <QRegularExpression>
#include <QTest>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using calls::TxWatch;
using telemetry::Counter;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr int kCapacity = 1000; // frames

QStringList g_log;

void listen(QtMsgType, const QMessageLogContext &, const QString &text)
{
    g_log << text;
}

// What is wrong with the world at present.
enum class Fault {
    None,
    Asleep, // the worker serves no slot
    Full,   // the socket takes nothing
};

struct Rig {
    media::CallMediaPtr media = std::make_shared<media::CallMedia>(kCapacity);
    TxWatch watch{u"CA1"_s, media};
    qint64 nowMs = 10'000;
    qint64 slotMs = nowMs;
    qint64 stallsBefore = telemetry::counted(Counter::TxStalls);

    Rig() { g_log.clear(); }

    void say(media::ItemNumber item, int ms)
    {
        (void)media->append(item, QByteArray(ms * media::kBytesPerMs, 'x'), nowMs * kMs);
    }
    void run(int ms, Fault fault = Fault::None)
    {
        for (const qint64 untilMs = nowMs + ms; nowMs < untilMs; nowMs += 10) {
            if (nowMs % 20 == 0 && fault != Fault::Asleep)
                slot(fault);
            if (nowMs % 50 == 0)
                (void)watch.onTick(nowMs * kMs);
        }
    }
    void slot(Fault fault)
    {
        const qint64 lateNs = (nowMs - std::exchange(slotMs, nowMs + 20)) * kMs;
        if (fault == Fault::Full)
            return media->health.noteFull(lateNs, 330);
        while (media->playout.front() != nullptr && media->playout.front()->end) {
            media->playout.pop();
            media->health.noteItemOver();
        }
        if (media->playout.front() == nullptr)
            return media->health.noteEmpty(lateNs, false, false);
        media->playout.pop();
        media->health.noteSent({nowMs * kMs, lateNs, 0, media->readySinceNs(), media->playout.depth()});
    }
    // A barge-in.
    void clear()
    {
        media->playout.bumpGeneration();
        (void)media->playout.flushStale();
        media->health.noteCleared(nowMs * kMs);
    }
    [[nodiscard]] qint64 stalls() const { return telemetry::counted(Counter::TxStalls) - stallsBefore; }
};

QStringList told(const QString &word)
{
    return g_log.filter(word);
}

} // namespace

class TestTxWatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qInstallMessageHandler(listen); }
    void cleanup() { QLoggingCategory::setFilterRules({}); }

    void aStallIsToldOnce();
    void nothingIsToldOf_data();
    void nothingIsToldOf();
    void whatEndsWithoutAFrameCountsAsWell_data();
    void whatEndsWithoutAFrameCountsAsWell();
    void twoItemsOwedAreOneSilence();
    void qualityWhileSilenceGoesOn();
    void anIdleLineIsNotGood();
    void whatHadNoPlace();
    void figuresOnlyForDebugging();
};

void TestTxWatch::aStallIsToldOnce()
{
    Rig rig;
    rig.say(1, 3000);
    rig.run(500);
    rig.run(400, Fault::Asleep);
    rig.run(1000);
    QCOMPARE(told(u"TX_STALL"_s).size(), 1);
    QCOMPARE(told(u"TX_STALL"_s).front(), u"CA1 TX_STALL: 420 ms, worker late"_s);
    QCOMPARE(rig.stalls(), 1);
    rig.run(200, Fault::Full);
    rig.run(500);
    QCOMPARE(told(u"TX_STALL"_s).size(), 2);
    QCOMPARE(told(u"TX_STALL"_s).back(), u"CA1 TX_STALL: 220 ms, socket full"_s);
    QCOMPARE(rig.watch.facts().stalls, 2);
    QCOMPARE(rig.watch.facts().stalledMs, 640);
    QCOMPARE(rig.watch.facts().worstGapUs, 420'000);
    QCOMPARE(rig.stalls(), 2);
}

void TestTxWatch::nothingIsToldOf_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what : {"an idle line", "a pause", "a clear", "a worker asleep while idle", "a clear and sleep"})
        QTest::newRow(what) << QString::fromLatin1(what);
}

void TestTxWatch::nothingIsToldOf()
{
    QFETCH(QString, what);
    Rig rig;
    rig.say(1, 500);
    if (what.contains(u"clear")) {
        rig.run(200);
        rig.clear();
    } else {
        rig.media->playout.finish(1);
        rig.run(600);
    }
    rig.run(2000, what.contains(u"sleep") ? Fault::Asleep : Fault::None);
    if (what != u"an idle line"_s) {
        rig.say(2, 500);
        rig.media->playout.finish(2);
    }
    rig.run(2000);
    (void)rig.watch.onEnd(rig.nowMs * kMs);
    QCOMPARE(g_log, QStringList());
    QCOMPARE(rig.stalls(), 0);
    QCOMPARE(rig.watch.facts().stalls, 0);
}

void TestTxWatch::whatEndsWithoutAFrameCountsAsWell_data()
{
    QTest::addColumn<bool>("starved");
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<QString>("end");
    QTest::addColumn<QString>("line");
    QTest::newRow("the model ran dry, and the caller spoke")
        << true << Fault::None << u"clear"_s << u"700 ms, queue starved"_s;
    QTest::newRow("the model ran dry, and the call ended")
        << true << Fault::None << u"end"_s << u"700 ms, queue starved"_s;
    QTest::newRow("the model ran dry, and the stream closed")
        << true << Fault::None << u"close"_s << u"700 ms, queue starved"_s;
    QTest::newRow("a full socket, and the stream closed")
        << false << Fault::Full << u"close"_s << u"700 ms, socket full"_s;
    QTest::newRow("a full socket, and the call ended") << false << Fault::Full << u"end"_s << u"700 ms, socket full"_s;
    QTest::newRow("a worker asleep, and the caller spoke")
        << false << Fault::Asleep << u"clear"_s << u"700 ms, worker late"_s;
    QTest::newRow("a worker asleep, and the call ended")
        << false << Fault::Asleep << u"end"_s << u"700 ms, worker late"_s;
}

void TestTxWatch::whatEndsWithoutAFrameCountsAsWell()
{
    QFETCH(bool, starved);
    QFETCH(Fault, fault);
    QFETCH(QString, end);
    QFETCH(QString, line);
    Rig rig;
    rig.say(1, starved ? 220 : 2000);
    rig.run(220); // the last frame leaves 20 ms before
    rig.run(680, fault);
    if (end == u"clear"_s) {
        if (fault == Fault::Asleep)
            rig.slot(Fault::Full); // the worker is back, one slot before the clear
        rig.clear();
        rig.run(100);
        QVERIFY(!rig.watch.onEnd(rig.nowMs * kMs));
    } else {
        if (end == u"close"_s)
            rig.clear(); // as the lane does, and the call hears of it afterwards
        const auto stall = rig.watch.onEnd(rig.nowMs * kMs);
        QVERIFY(stall && stall->over);
    }
    QCOMPARE(told(u"TX_STALL"_s), QStringList{u"CA1 TX_STALL: "_s + line});
    QCOMPARE(rig.stalls(), 1);
    const TxFacts facts = rig.watch.facts();
    QCOMPARE(facts.stalls, 1);
    QCOMPARE(facts.stalledMs, 700);
    QCOMPARE(facts.worstGapUs, 700'000);
}

// A second item, before anything of the first has left, begins no other silence; behind a clear it does.
void TestTxWatch::twoItemsOwedAreOneSilence()
{
    Rig rig;
    rig.run(500);
    rig.say(1, 200);
    rig.media->playout.finish(1);
    rig.run(300, Fault::Asleep);
    rig.say(2, 400);
    rig.run(700, Fault::Asleep);
    rig.run(1000);
    QCOMPARE(told(u"TX_STALL"_s), QStringList{u"CA1 TX_STALL: 1000 ms, worker late"_s});
    QCOMPARE(rig.stalls(), 1);
    QCOMPARE(rig.watch.facts().stalls, 1);
    QCOMPARE(rig.watch.facts().stalledMs, 1000);

    Rig other;
    other.run(500);
    other.say(1, 200);
    other.run(60, Fault::Asleep);
    other.media->playout.bumpGeneration();
    other.run(40, Fault::Asleep);
    other.say(2, 200); // the clear is on its way yet
    other.run(100, Fault::Asleep);
    other.clear();
    other.run(500);
    QCOMPARE(told(u"TX_STALL"_s), QStringList());
    QCOMPARE(other.watch.facts().stalls, 0);
}

void TestTxWatch::qualityWhileSilenceGoesOn()
{
    Rig rig;
    rig.say(1, 15'000);
    rig.run(2000);
    rig.run(1200, Fault::Full);
    QCOMPARE(told(u"TX_QUALITY"_s).size(), 1);
    QVERIFY(told(u"TX_QUALITY DEGRADED"_s).size() == 1);
    rig.run(6000, Fault::Full); // nothing leaves: nothing has recovered
    QCOMPARE(told(u"TX_QUALITY"_s).size(), 1);
    rig.run(2500);
    QCOMPARE(told(u"TX_QUALITY"_s).size(), 1);
    rig.run(2000);
    QCOMPARE(told(u"TX_QUALITY"_s).size(), 2);
    QVERIFY(told(u"TX_QUALITY RECOVERED after"_s).size() == 1);
}

void TestTxWatch::anIdleLineIsNotGood()
{
    Rig rig;
    rig.say(1, 3000);
    rig.media->playout.finish(1);
    rig.run(1000);
    rig.run(200, Fault::Asleep);
    rig.run(10'000); // says the rest, two seconds of it
    QCOMPARE(told(u"TX_QUALITY"_s).size(), 1);
    rig.say(2, 5000);
    rig.run(4000);
    QCOMPARE(told(u"TX_QUALITY RECOVERED"_s).size(), 1);
}

// Neither the oldest frames, which overflow drops, nor the newest, when nothing leaves at all.
void TestTxWatch::whatHadNoPlace()
{
    Rig rig;
    rig.say(1, 20 * (2 * kCapacity + 7));
    QCOMPARE(rig.watch.facts().framesDropped, 7);
    rig.run(100);
    QCOMPARE(rig.watch.facts().framesDropped, 7 + kCapacity);
    QCOMPARE(rig.watch.facts().backlogMaxMs, 20 * kCapacity);
}

void TestTxWatch::figuresOnlyForDebugging()
{
    const auto run = [](bool debug) {
        QLoggingCategory::setFilterRules(debug ? u"takt.tx.metrics.debug=true"_s : QString());
        Rig rig;
        rig.say(1, 20 * 690); // 69 %
        rig.run(4900);
        const auto early = g_log;
        rig.run(5200);
        const auto heartbeats = told(u"TX_HEARTBEAT"_s).size();
        const auto quiet = told(u"TX_METRICS"_s).size();
        rig.say(1, 20 * 600); // well above 70 %
        rig.run(1100);
        return QList<qsizetype>{early.size(), heartbeats, quiet, told(u"TX_METRICS"_s).size()};
    };
    QCOMPARE(run(false), (QList<qsizetype>{0, 0, 0, 0}));
    const auto told = run(true);
    QCOMPARE(told[0], 0);
    QCOMPARE(told[1], 2); // one each five seconds
    QCOMPARE(told[2], 0);
    QVERIFY2(told[3] == 1 || told[3] == 2, qPrintable(QString::number(told[3]))); // one each second
}

QTEST_GUILESS_MAIN(TestTxWatch)
#include "tst_txwatch.moc"
