// SPDX-License-Identifier: GPL-3.0-or-later
// The pacer with many lanes, with a lead, and with lanes that come and go while it serves.
#include "media/pacer.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

using takt::media::Pacer;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kInterval = 20 * kMs;
constexpr qint64 kStart = 987'654'321;
const Pacer::Config kStrict;
const int kSteps = int(kInterval / kStrict.phaseStepNs);

struct ScriptedSink final : Pacer::Sink {
    qint64 nowNs = kStart;
    std::function<bool(int lane)> hasFrame = [](int) { return true; };
    std::map<int, std::vector<qint64>> slots; // by lane: when it was asked
    std::map<int, std::vector<qint64>> sent;
    std::vector<int> order; // who was asked after whom

    Pacer::Outcome onSlot(int lane, qint64) override
    {
        order.push_back(lane);
        slots[lane].push_back(nowNs);
        if (!hasFrame(lane))
            return {};
        sent[lane].push_back(nowNs);
        return {true, nowNs};
    }
};

void runOnTime(Pacer &pacer, ScriptedSink &sink, qint64 untilNs)
{
    while (pacer.nextDeadlineNs() <= untilNs) {
        sink.nowNs = pacer.nextDeadlineNs();
        pacer.serve(sink.nowNs, sink);
    }
    sink.nowNs = untilNs;
}

// Each lane's place in the interval, seen from outside: the time of its slots while it has nothing to send.
std::vector<qint64> phases(Pacer &pacer, qint64 nowNs)
{
    ScriptedSink sink;
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, nowNs + kInterval);
    std::vector<qint64> all;
    for (const auto &[lane, times] : sink.slots)
        all.push_back(times.back() % kInterval);
    std::sort(all.begin(), all.end());
    return all;
}

// Distances of neighbours on the circle of one interval.
std::vector<qint64> gaps(const std::vector<qint64> &sorted)
{
    std::vector<qint64> all{sorted.front() + kInterval - sorted.back()};
    for (std::size_t i = 1; i < sorted.size(); ++i)
        all.push_back(sorted[i] - sorted[i - 1]);
    return all;
}

} // namespace

class TestPacerLanes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void phasesAreSpread_data();
    void phasesAreSpread();
    void crowdedStepsAreHalved_data();
    void crowdedStepsAreHalved();
    void newLaneTakesTheEmptiestStep();
    void newLaneTakesTheWidestGap();
    void lanesOfAStepKeepTheirOrder();
    void numbersAreUsedAgain();
    void aLaneThatNeverSendsCostsNothing();
    void servesTheMostOverdue();
    void lead_data();
    void lead();
    void leadIsBuiltAnewAfterAnUnderrun();
    void leadMeltsWhileIdle();
    void lanesChangeWithinTheSink_data();
    void lanesChangeWithinTheSink();
};

void TestPacerLanes::phasesAreSpread_data()
{
    QTest::addColumn<int>("lanes");
    for (const int lanes : {1, 2, 3, 4, 5, 7, 8, 9, 13, 19, 20, 21, 30, 40, 41, 100, 149, 150})
        QTest::addRow("%d", lanes) << lanes;
}

void TestPacerLanes::phasesAreSpread()
{
    QFETCH(int, lanes);
    Pacer pacer;
    for (int i = 0; i < lanes; ++i)
        QCOMPARE(pacer.add(kStart + i * 3'333'333LL), i);
    const std::vector<qint64> all = phases(pacer, kStart + lanes * 3'333'333LL);
    QCOMPARE(all.size(), std::size_t(lanes));
    std::vector<int> steps(std::size_t(kSteps), 0);
    for (const qint64 phase : all) {
        QCOMPARE(phase % kStrict.phaseStepNs, 0);
        ++steps[std::size_t(phase / kStrict.phaseStepNs)];
    }
    // No step has two lanes more than another, so that there is no burst,
    const auto [fewest, most] = std::minmax_element(steps.begin(), steps.end());
    QVERIFY2(*most - *fewest <= 1, qPrintable(QString::number(*fewest) + u".." + QString::number(*most)));
    // and few lanes keep at least half of the distance of an even spread, in whole steps.
    const std::vector<qint64> distances = gaps(all);
    const qint64 smallest = *std::min_element(distances.begin(), distances.end());
    if (lanes <= kSteps)
        QVERIFY2(smallest >= std::max<qint64>(1, kSteps / (2 * lanes)) * kStrict.phaseStepNs,
                 qPrintable(QString::number(smallest)));
}

void TestPacerLanes::crowdedStepsAreHalved_data()
{
    QTest::addColumn<int>("lanes");
    for (const int lanes : {151, 152, 160, 161, 255, 299, 300, 301, 499, 500, 1000})
        QTest::addRow("%d", lanes) << lanes;
}

// A step more is a wake-up more. With a crowd on each there are new ones between them, which fill up first.
void TestPacerLanes::crowdedStepsAreHalved()
{
    QFETCH(int, lanes);
    Pacer pacer;
    for (int i = 0; i < lanes; ++i)
        QCOMPARE(pacer.add(kStart + i * 3'333'333LL), i);
    const qint64 half = kStrict.phaseStepNs / 2;
    std::vector<int> wide(std::size_t(kSteps), 0);
    std::vector<int> between(std::size_t(kSteps), 0);
    for (const qint64 phase : phases(pacer, kStart + lanes * 3'333'333LL)) {
        QCOMPARE(phase % half, 0);
        ++(phase % kStrict.phaseStepNs == 0 ? wide : between)[std::size_t(phase / kStrict.phaseStepNs)];
    }
    const int crowds = kSteps * kStrict.crowd;
    const auto even = [](const std::vector<int> &steps, int all) {
        const auto [fewest, most] = std::minmax_element(steps.begin(), steps.end());
        return *most - *fewest <= 1 && std::accumulate(steps.begin(), steps.end(), 0) == all;
    };
    if (lanes <= 2 * crowds) {
        QVERIFY(even(wide, crowds));
        QVERIFY(even(between, lanes - crowds));
    } else {
        wide.insert(wide.end(), between.begin(), between.end());
        QVERIFY(even(wide, lanes));
    }
}

// However lanes come and go: whoever is new takes a step that the fewest others have.
void TestPacerLanes::newLaneTakesTheEmptiestStep()
{
    Pacer pacer;
    for (int i = 0; i < 3 * kSteps; ++i)
        QCOMPARE(pacer.add(kStart), i);
    ScriptedSink sink;
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, kStart + kInterval);
    std::vector<int> onStepSeven;
    for (const auto &[lane, times] : sink.slots) {
        if (times.front() % kInterval / kStrict.phaseStepNs == 7)
            onStepSeven.push_back(lane);
    }
    QCOMPARE(onStepSeven.size(), std::size_t(3));
    for (const int lane : onStepSeven)
        pacer.remove(lane);
    for (int i = 1; i <= 3; ++i) {
        pacer.add(sink.nowNs);
        const std::vector<qint64> all = phases(pacer, sink.nowNs += kInterval);
        QCOMPARE(std::count(all.begin(), all.end(), 7 * kStrict.phaseStepNs), i);
    }
}

// Who is the last of a crowd in one interval is the last in the next: its gap stays 20 ms.
void TestPacerLanes::lanesOfAStepKeepTheirOrder()
{
    const std::size_t lanes = 60 * std::size_t(kSteps);
    Pacer pacer;
    for (std::size_t i = 0; i < lanes; ++i)
        pacer.add(kStart);
    std::vector<int> first;
    for (int interval = 0; interval < 6; ++interval) {
        ScriptedSink sink;
        sink.hasFrame = [interval](int lane) { return (lane + interval) % 3 != 0; };
        runOnTime(pacer, sink, kStart + (interval + 1) * kInterval);
        QCOMPARE(sink.order.size(), lanes);
        if (first.empty())
            first = sink.order;
        QVERIFY(sink.order == first);
    }
}

void TestPacerLanes::newLaneTakesTheWidestGap()
{
    Pacer pacer;
    for (int i = 0; i < 8; ++i)
        QCOMPARE(pacer.add(kStart), i);
    ScriptedSink sink;
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, kStart + kInterval);
    // Three neighbours leave; whoever comes next is in the middle of the room that they had.
    std::vector<std::pair<qint64, int>> byPhase;
    for (const auto &[lane, times] : sink.slots)
        byPhase.emplace_back(times.front() % kInterval, lane);
    std::sort(byPhase.begin(), byPhase.end());
    for (const std::size_t i : {3U, 4U, 5U})
        pacer.remove(byPhase[i].second);
    const qint64 middle = (byPhase[2].first + byPhase[6].first) / 2;
    QVERIFY(pacer.add(kStart + kInterval) >= 0);
    const std::vector<qint64> now = phases(pacer, kStart + 2 * kInterval);
    QCOMPARE(now.size(), std::size_t(6));
    QVERIFY(std::abs(now[3] - middle) <= 1);
}

void TestPacerLanes::numbersAreUsedAgain()
{
    Pacer pacer;
    ScriptedSink sink;
    QCOMPARE(pacer.add(kStart), 0);
    QCOMPARE(pacer.add(kStart), 1);
    runOnTime(pacer, sink, kStart + 100 * kMs);
    pacer.remove(0);
    QCOMPARE(pacer.add(sink.nowNs), 0);
    QCOMPARE(pacer.add(sink.nowNs), 2);
    sink.slots.clear();
    runOnTime(pacer, sink, sink.nowNs + 1000 * kMs);
    for (const int lane : {0, 1, 2})
        QCOMPARE(sink.slots[lane].size(), std::size_t(50));
}

void TestPacerLanes::aLaneThatNeverSendsCostsNothing()
{
    Pacer pacer;
    ScriptedSink sink;
    for (int i = 0; i < 5; ++i)
        QCOMPARE(pacer.add(kStart), i);
    sink.hasFrame = [](int lane) { return lane != 2; };
    runOnTime(pacer, sink, kStart + 10'000 * kMs);
    for (const int lane : {0, 1, 3, 4}) {
        const std::vector<qint64> &times = sink.sent[lane];
        QCOMPARE(times.size(), std::size_t(500));
        for (std::size_t i = 1; i < times.size(); ++i)
            QCOMPARE(times[i] - times[i - 1], kInterval);
    }
    QVERIFY(sink.sent[2].empty());
    QCOMPARE(sink.slots[2].size(), std::size_t(500)); // once an interval, no busy loop
}

void TestPacerLanes::servesTheMostOverdue()
{
    Pacer pacer;
    for (int i = 0; i < 50; ++i)
        QCOMPARE(pacer.add(kStart), i);
    struct LateSink final : Pacer::Sink {
        std::vector<qint64> late;
        Pacer::Outcome onSlot(int, qint64 lateNs) override
        {
            late.push_back(lateNs);
            return {};
        }
    } sink;
    while (pacer.serve(kStart + 20 * kInterval, sink)) {
    }
    QCOMPARE(sink.late.size(), std::size_t(50)); // each once, however late
    QVERIFY(std::is_sorted(sink.late.rbegin(), sink.late.rend()));
    QVERIFY(sink.late.front() > sink.late.back());
}

void TestPacerLanes::lead_data()
{
    QTest::addColumn<qint64>("leadNs");
    for (const int ms : {0, 5, 20, 40, 100, 200, 1000})
        QTest::addRow("%d ms", ms) << ms * kMs;
}

void TestPacerLanes::lead()
{
    QFETCH(qint64, leadNs);
    Pacer::Config config;
    config.leadNs = leadNs;
    Pacer pacer(config);
    ScriptedSink sink;
    QCOMPARE(pacer.add(kStart), 0);
    runOnTime(pacer, sink, kStart + 30'000 * kMs);
    const std::vector<qint64> &times = sink.sent[0];
    qint64 ahead = 0;
    for (std::size_t i = 1; i < times.size(); ++i) {
        QVERIFY(times[i] - times[i - 1] >= config.minGapNs);
        ahead = qint64(i) * kInterval - (times[i] - times[0]);
        QVERIFY(ahead <= leadNs);
        if (ahead < leadNs) // built as fast as the distance allows
            QCOMPARE(times[i] - times[i - 1], config.minGapNs);
    }
    QCOMPARE(ahead, leadNs); // and kept
    QCOMPARE(times.back() - times[times.size() - 2], kInterval);
}

void TestPacerLanes::leadIsBuiltAnewAfterAnUnderrun()
{
    Pacer::Config config;
    config.leadNs = 100 * kMs;
    Pacer pacer(config);
    ScriptedSink sink;
    QCOMPARE(pacer.add(kStart), 0);
    runOnTime(pacer, sink, kStart + 1000 * kMs);
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, kStart + 3000 * kMs); // the carrier has long played everything
    sink.hasFrame = [](int) { return true; };
    sink.sent.clear();
    runOnTime(pacer, sink, kStart + 5000 * kMs);
    const std::vector<qint64> &times = sink.sent[0];
    QVERIFY(times.size() > 90);
    for (std::size_t i = 1; i < times.size(); ++i) {
        QVERIFY(times[i] - times[i - 1] >= config.minGapNs); // nothing is made up for at once
        QVERIFY(qint64(i) * kInterval - (times[i] - times[0]) <= config.leadNs);
    }
    QCOMPARE(times[1] - times[0], config.minGapNs); // from zero lead
    QCOMPARE(pacer.resyncs(), 0);
}

// A pause shorter than the lead: the cushion shrinks by it and is restored, and never grows beyond the lead.
void TestPacerLanes::leadMeltsWhileIdle()
{
    Pacer::Config config;
    config.leadNs = 100 * kMs;
    Pacer pacer(config);
    ScriptedSink sink;
    QCOMPARE(pacer.add(kStart), 0);
    runOnTime(pacer, sink, kStart + 1000 * kMs);
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, kStart + 1060 * kMs);
    sink.hasFrame = [](int) { return true; };
    runOnTime(pacer, sink, kStart + 2000 * kMs);
    const std::vector<qint64> &times = sink.sent[0];
    qint64 lowest = config.leadNs;
    for (std::size_t i = 30; i < times.size(); ++i) {
        const qint64 ahead = qint64(i) * kInterval - (times[i] - times[0]);
        QVERIFY(ahead <= config.leadNs);
        lowest = std::min(lowest, ahead);
        QVERIFY(times[i] - times[i - 1] >= config.minGapNs);
    }
    QVERIFY2(lowest >= 0 && lowest <= 60 * kMs, QByteArray::number(lowest).constData());
    QCOMPARE(qint64(times.size() - 1) * kInterval - (times.back() - times.front()), config.leadNs);
}

void TestPacerLanes::lanesChangeWithinTheSink_data()
{
    // What lane 1 of three does within its third slot. R: removes itself; O: removes lane 0; A: adds a lane.
    QTest::addColumn<QByteArray>("does");
    QTest::addColumn<bool>("sends");
    QTest::addColumn<int>("left");
    for (const bool sends : {true, false}) {
        const char *how = sends ? "sent" : "idle";
        QTest::addRow("adds one, %s", how) << QByteArray("A") << sends << 4;
        QTest::addRow("adds many, %s", how) << QByteArray(200, 'A') << sends << 203;
        QTest::addRow("removes itself, %s", how) << QByteArray("R") << sends << 2;
        QTest::addRow("removes another, %s", how) << QByteArray("O") << sends << 2;
        QTest::addRow("removes all it knows, %s", how) << QByteArray("OR") << sends << 1;
        QTest::addRow("removes another and adds, %s", how) << QByteArray("OA") << sends << 3;
        QTest::addRow("removes itself and adds: its number is used again, %s", how) << QByteArray("RA") << sends << 3;
        QTest::addRow("removes itself and adds two, %s", how) << QByteArray("RAA") << sends << 4;
    }
}

void TestPacerLanes::lanesChangeWithinTheSink()
{
    QFETCH(QByteArray, does);
    QFETCH(bool, sends);
    QFETCH(int, left);
    Pacer pacer;
    ScriptedSink sink;
    for (int i = 0; i < 3; ++i)
        QCOMPARE(pacer.add(kStart), i);
    qint64 changedNs = 0;
    sink.hasFrame = [&](int lane) {
        if (lane != 1 || changedNs > 0 || sink.slots[1].size() < 3)
            return true;
        changedNs = sink.nowNs;
        for (const char what : does) {
            if (what == 'A')
                pacer.add(sink.nowNs);
            else
                pacer.remove(what == 'R' ? 1 : 0);
        }
        return sends;
    };
    runOnTime(pacer, sink, kStart + 200 * kMs);
    QVERIFY(changedNs > 0);
    sink.hasFrame = [](int) { return false; };
    runOnTime(pacer, sink, kStart + 300 * kMs);
    sink.slots.clear();
    sink.hasFrame = [](int) { return true; };
    runOnTime(pacer, sink, kStart + 1300 * kMs);
    QCOMPARE(sink.slots.size(), std::size_t(left));
    for (const auto &[lane, times] : sink.sent) {
        for (std::size_t i = 1; i < times.size(); ++i)
            QVERIFY2(times[i - 1] <= changedNs || times[i] - times[i - 1] >= 10 * kMs,
                     qPrintable(QString::number(times[i] - times[i - 1]) + u" ns between two frames"));
    }
    for (const auto &[lane, times] : sink.slots)
        QVERIFY2(times.size() == 50, qPrintable(QString::number(times.size()) + u" slots in a second"));
}

QTEST_APPLESS_MAIN(TestPacerLanes)
#include "tst_pacer_lanes.moc"
