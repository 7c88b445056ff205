// SPDX-License-Identifier: GPL-3.0-or-later
// The beat on a simulated clock: the rules of the pacer, one by one, and then all at once under random trouble.
#include "media/pacer.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

using takt::media::Pacer;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kInterval = 20 * kMs;
constexpr qint64 kStart = 1'234'567'891; // no round number: phases are arbitrary
const Pacer::Config kStrict;

// Plays the lanes: by default each has always a frame, and sending takes no time.
struct ScriptedSink final : Pacer::Sink {
    struct Sent {
        int lane;
        qint64 ns;     // when it was served
        qint64 leftNs; // when the send had returned
    };
    qint64 nowNs = kStart;
    std::function<Pacer::Outcome(int lane, qint64 lateNs)> script;
    std::vector<Sent> sent;

    Pacer::Outcome onSlot(int lane, qint64 lateNs) override
    {
        const qint64 servedNs = nowNs; // the script may let time pass
        const Pacer::Outcome outcome = script ? script(lane, lateNs) : Pacer::Outcome{true, nowNs};
        if (outcome.sent)
            sent.push_back({lane, servedNs, outcome.atNs});
        return outcome;
    }
    std::vector<qint64> timesOf(int lane) const
    {
        std::vector<qint64> times;
        for (const Sent &s : sent) {
            if (s.lane == lane)
                times.push_back(s.ns);
        }
        return times;
    }
};

// Serves everything until `untilNs`, each slot exactly on its deadline.
void runOnTime(Pacer &pacer, ScriptedSink &sink, qint64 untilNs)
{
    while (pacer.nextDeadlineNs() <= untilNs) {
        sink.nowNs = pacer.nextDeadlineNs();
        pacer.serve(sink.nowNs, sink);
    }
    sink.nowNs = untilNs;
}

// Serves the one next slot `lateNs` after its deadline; returns the time.
qint64 serveNext(Pacer &pacer, ScriptedSink &sink, qint64 lateNs = 0)
{
    sink.nowNs = pacer.nextDeadlineNs() + lateNs;
    pacer.serve(sink.nowNs, sink);
    return sink.nowNs;
}

// Any two frames, k frames apart, are at least k * perFrameNs - slackNs apart in time. In other words: no window of T
// holds more than (T + slackNs) / perFrameNs + 1 frames.
QString burst(const std::vector<qint64> &times, qint64 perFrameNs, qint64 slackNs)
{
    qint64 credit = 0; // the most that any earlier frame allows this one to be ahead
    for (std::size_t i = 1; i < times.size(); ++i) {
        credit = std::max<qint64>(0, credit + perFrameNs - (times[i] - times[i - 1]));
        if (credit > slackNs)
            return QStringLiteral("frame %1 is %2 ns ahead, allowed are %3").arg(i).arg(credit).arg(slackNs);
    }
    return {};
}

} // namespace

class TestPacer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingToServe();
    void anHourWithoutDrift();
    void anIntervalShorterThanAStep();
    void oneLateTick_data();
    void oneLateTick();
    void smallLatenessKeepsTheGrid();
    void glidesBackToItsPhase();
    void idleSlotsKeepTheGrid();
    void slowSendStillKeepsTheDistance_data();
    void slowSendStillKeepsTheDistance();
    void trouble_data();
    void trouble();
};

void TestPacer::nothingToServe()
{
    Pacer pacer;
    ScriptedSink sink;
    QCOMPARE(pacer.nextDeadlineNs(), Pacer::kNever);
    QVERIFY(!pacer.serve(kStart, sink));
    const int lane = pacer.add(kStart);
    QVERIFY(pacer.nextDeadlineNs() > kStart);
    QVERIFY(pacer.nextDeadlineNs() <= kStart + kInterval);
    QVERIFY(!pacer.serve(pacer.nextDeadlineNs() - 1, sink)); // never early
    QVERIFY(sink.sent.empty());
    pacer.remove(lane);
    QCOMPARE(pacer.nextDeadlineNs(), Pacer::kNever);
}

void TestPacer::anHourWithoutDrift()
{
    Pacer pacer;
    ScriptedSink sink;
    sink.script = [&](int, qint64 lateNs) {
        return Pacer::Outcome{lateNs == 0, sink.nowNs + 300'000}; // sending takes 0.3 ms, and must not add up
    };
    pacer.add(kStart);
    const qint64 first = pacer.nextDeadlineNs();
    runOnTime(pacer, sink, first + 3600LL * 1000 * kMs - 1);
    QCOMPARE(sink.sent.size(), std::size_t(180'000));
    for (std::size_t i = 0; i < sink.sent.size(); ++i)
        QVERIFY(sink.sent[i].ns == first + qint64(i) * kInterval);
    QCOMPARE(pacer.resyncs(), 0);
}

// Tests that want a beat a hundred times as fast as a call's.
void TestPacer::anIntervalShorterThanAStep()
{
    Pacer::Config config;
    config.intervalNs = config.phaseStepNs / 10;
    config.minGapNs = config.intervalNs / 2;
    Pacer pacer(config);
    ScriptedSink sink;
    for (int i = 0; i < 3 * config.crowd; ++i)
        QCOMPARE(pacer.add(kStart), i);
    runOnTime(pacer, sink, kStart + 100 * config.intervalNs);
    for (int i = 0; i < 3 * config.crowd; ++i)
        QCOMPARE(sink.timesOf(i).size(), std::size_t(100));
}

void TestPacer::oneLateTick_data()
{
    QTest::addColumn<qint64>("lateNs");
    QTest::addColumn<qint64>("nextNs"); // after the slot's deadline
    QTest::addColumn<qint64>("toleranceNs");
    QTest::addColumn<int>("resyncs");
    // happy: the grid is kept
    QTest::newRow("on time") << qint64(0) << kInterval << qint64(0) << 0;
    QTest::newRow("1 ms") << 1 * kMs << kInterval << qint64(0) << 0;
    QTest::newRow("9.5 ms") << 9'500'000LL << kInterval << qint64(0) << 0;
    // rainy: the grid is kept, the distance as well
    QTest::newRow("9.6 ms") << 9'600'000LL << 20'100'000LL << qint64(0) << 0;
    QTest::newRow("15 ms") << 15 * kMs << 25'500'000LL << qint64(0) << 0;
    QTest::newRow("19.999999 ms") << kInterval - 1 << 30'499'999LL << qint64(0) << 0;
    QTest::newRow("20 ms") << kInterval << 30'500'000LL << qint64(0) << 0;
    // rainy: the grid is lost
    QTest::newRow("20.000001 ms") << kInterval + 1 << 2 * kInterval + 1 << kStrict.slewNs << 1;
    QTest::newRow("27 ms") << 27 * kMs << 47 * kMs << kStrict.slewNs << 1;
    QTest::newRow("5 s") << 5000 * kMs + 1 << 5020 * kMs + 1 << kStrict.slewNs << 1;
    QTest::newRow("a night") << 8LL * 3600'000 * kMs + 7 << (8LL * 3600'000 + 20) * kMs + 7 << kStrict.slewNs << 1;
}

void TestPacer::oneLateTick()
{
    QFETCH(qint64, lateNs);
    QFETCH(qint64, nextNs);
    QFETCH(qint64, toleranceNs);
    QFETCH(int, resyncs);
    Pacer pacer;
    ScriptedSink sink;
    qint64 told = -1;
    sink.script = [&](int, qint64 late) {
        told = late;
        return Pacer::Outcome{true, sink.nowNs};
    };
    pacer.add(kStart);
    runOnTime(pacer, sink, kStart + 100 * kMs);
    const qint64 slot = pacer.nextDeadlineNs();
    serveNext(pacer, sink, lateNs);
    QCOMPARE(told, lateNs);
    QVERIFY2(std::abs(pacer.nextDeadlineNs() - slot - nextNs) <= toleranceNs,
             QByteArray::number(pacer.nextDeadlineNs() - slot).constData());
    QCOMPARE(pacer.resyncs(), resyncs);
    if (resyncs == 0) { // and then it is on its old grid again
        serveNext(pacer, sink);
        serveNext(pacer, sink); // (a second short distance where the first slot was 20 ms late)
        QCOMPARE(pacer.nextDeadlineNs(), slot + 3 * kInterval);
    }
}

void TestPacer::smallLatenessKeepsTheGrid()
{
    std::mt19937_64 random(7);
    Pacer pacer;
    ScriptedSink sink;
    pacer.add(kStart);
    qint64 grid = pacer.nextDeadlineNs();
    for (int i = 0; i < 10'000; ++i, grid += kInterval) {
        QCOMPARE(pacer.nextDeadlineNs(), grid);
        serveNext(pacer, sink, qint64(random() % 9'500'001));
    }
    QCOMPARE(pacer.resyncs(), 0);
}

void TestPacer::glidesBackToItsPhase()
{
    for (const qint64 offMs : {1, 7, 9, 11, 19}) {
        Pacer pacer;
        ScriptedSink sink;
        pacer.add(kStart);
        const qint64 phase = pacer.nextDeadlineNs() % kInterval;
        qint64 last = serveNext(pacer, sink, 10 * kInterval + offMs * kMs);
        int frames = 0;
        while (pacer.nextDeadlineNs() % kInterval != phase) {
            QVERIFY(++frames <= 50); // half an interval at 0.2 ms a frame
            const qint64 step = pacer.nextDeadlineNs() - last;
            QVERIFY(std::abs(step - kInterval) <= kStrict.slewNs);
            last = serveNext(pacer, sink);
        }
        QVERIFY(qint64(frames) >= std::min(offMs, 20 - offMs) * kMs / kStrict.slewNs - 1); // by no jump
        for (int i = 0; i < 10; ++i) {                                                     // and stays
            serveNext(pacer, sink);
            QCOMPARE(pacer.nextDeadlineNs() % kInterval, phase);
        }
        QCOMPARE(pacer.resyncs(), 1);
    }
}

void TestPacer::idleSlotsKeepTheGrid()
{
    std::mt19937 random(3);
    Pacer pacer;
    ScriptedSink sink;
    sink.script = [&](int, qint64) { return Pacer::Outcome{random() % 3 == 0, sink.nowNs}; };
    pacer.add(kStart);
    const qint64 first = pacer.nextDeadlineNs();
    for (int i = 0; i < 5000; ++i) {
        QCOMPARE(pacer.nextDeadlineNs(), first + i * kInterval);
        serveNext(pacer, sink);
    }
    QVERIFY(sink.sent.size() > 1000 && sink.sent.size() < 2500); // of both kinds
    // An idle slot that is served very late is no resync: nobody missed anything.
    sink.script = [](int, qint64) { return Pacer::Outcome(); };
    const qint64 now = serveNext(pacer, sink, 777 * kMs);
    QVERIFY(pacer.nextDeadlineNs() > now && pacer.nextDeadlineNs() <= now + kInterval);
    QCOMPARE((pacer.nextDeadlineNs() - first) % kInterval, 0);
    QCOMPARE(pacer.resyncs(), 0);
}

void TestPacer::slowSendStillKeepsTheDistance_data()
{
    QTest::addColumn<qint64>("takesNs");
    for (const qint64 ms : {0, 1, 9, 10, 15, 19, 20, 21, 35, 500})
        QTest::addRow("%lld ms", static_cast<long long>(ms)) << ms * kMs;
    QTest::newRow("a clock that stands still") << -5 * kMs; // atNs before now: now counts
}

void TestPacer::slowSendStillKeepsTheDistance()
{
    QFETCH(qint64, takesNs);
    Pacer pacer;
    ScriptedSink sink;
    sink.script = [&](int, qint64) { return Pacer::Outcome{true, sink.nowNs + takesNs}; };
    pacer.add(kStart);
    serveNext(pacer, sink);
    for (int i = 0; i < 200; ++i) {
        const qint64 left = std::max(sink.sent.back().ns, sink.sent.back().leftNs);
        QVERIFY(pacer.nextDeadlineNs() >= left + kStrict.minGapNs);
        serveNext(pacer, sink, std::max<qint64>(0, left - pacer.nextDeadlineNs()));
    }
    const qint64 real = sink.sent.back().ns - sink.sent.front().ns;
    QVERIFY(real >= 199 * (kInterval - kStrict.slewNs)); // and no faster than real time
}

void TestPacer::trouble_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<qint64>("slewNs");
    QTest::addColumn<qint64>("leadNs");
    for (int seed = 1; seed <= 5; ++seed) {
        QTest::addRow("strict, no slew, seed %d", seed) << seed << qint64(0) << qint64(0);
        QTest::addRow("strict, seed %d", seed) << seed << kStrict.slewNs << qint64(0);
        QTest::addRow("lead 100 ms, seed %d", seed) << seed << kStrict.slewNs << 100 * kMs;
    }
}

// Four lanes, 10,000 ticks: late ones, pauses, idle slots and slow sends. Always: distance, no burst, honest deadlines.
void TestPacer::trouble()
{
    QFETCH(int, seed);
    QFETCH(qint64, slewNs);
    QFETCH(qint64, leadNs);
    Pacer::Config config;
    config.slewNs = slewNs;
    config.leadNs = leadNs;
    Pacer pacer(config);
    ScriptedSink sink;
    std::mt19937_64 random{std::uint64_t(seed)};
    std::vector<qint64> left(4, 0);
    sink.script = [&](int lane, qint64) -> Pacer::Outcome {
        if (random() % 5 == 0)
            return {};
        if (sink.nowNs - left[std::size_t(lane)] < 10 * kMs)
            QTest::qFail("two frames of a lane within 10 ms", __FILE__, __LINE__);
        const qint64 takes = random() % 50 == 0 ? qint64(random() % 40'000'000) : qint64(random() % 100'000);
        sink.nowNs += takes;
        left[std::size_t(lane)] = sink.nowNs;
        return {true, sink.nowNs};
    };
    for (int i = 0; i < 4; ++i)
        QCOMPARE(pacer.add(kStart + i), i);
    qint64 lastDeadline = 0;
    for (int tick = 0; tick < 10'000; ++tick) {
        const quint64 kind = random() % 100;
        const qint64 late = kind < 2 ? qint64(random() % 3'000'000'000)
                                     : qint64(random() % (kind < 20 ? 40'000'000 : 500'000));
        sink.nowNs = std::max(sink.nowNs, pacer.nextDeadlineNs() + late);
        QVERIFY(pacer.nextDeadlineNs() >= lastDeadline);
        lastDeadline = pacer.nextDeadlineNs();
        for (int served = 0; pacer.serve(sink.nowNs, sink); ++served)
            QVERIFY2(served < 50, "a tick does not end");
        QVERIFY(pacer.nextDeadlineNs() > sink.nowNs); // nothing due is left behind
        QVERIFY(!QTest::currentTestFailed());
    }
    // A slot may be up to an interval late and the next one on time again: that much, and the lead, but no more.
    for (int lane = 0; lane < 4; ++lane) {
        const std::vector<qint64> times = sink.timesOf(lane);
        QVERIFY(times.size() > 1000);
        QCOMPARE(burst(times, kInterval - slewNs, kInterval + leadNs), QString());
    }
    QVERIFY(pacer.resyncs() > 10);
}

QTEST_APPLESS_MAIN(TestPacer)
#include "tst_pacer.moc"
