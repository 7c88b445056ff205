// SPDX-License-Identifier: GPL-3.0-or-later
// What a caller hears of a made-up line, the weather that a seed makes, whom it makes stand still, and how settings are judged
// by it.
#include "bench/hearing.h"
#include "bench/leadcomparison.h"
#include "bench/staller.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace takt::bench;
using takt::load::Arrival;
using takt::load::Trace;
using takt::sim::Nanos;
using takt::sim::fromMs;

namespace {

constexpr Nanos kStart = 5 * takt::sim::kSecond;

Arrival frame(double ms)
{
    return {Arrival::Kind::Frame, kStart + fromMs(ms), 0};
}
Arrival clear(double ms, double firedMs)
{
    return {Arrival::Kind::Clear, kStart + fromMs(ms), kStart + fromMs(firedMs)};
}
Hearing all(const Trace &trace)
{
    return hear({trace}, kStart, kStart + 60 * takt::sim::kSecond);
}

// A run in which every phase has these figures.
LeadResult result(const QString &lead, int number, double silence, double cushion)
{
    LeadResult made;
    made.lead = lead;
    made.calls = 20;
    made.number = number;
    LeadPhaseFigures figures;
    figures.silence = silence;
    figures.cushionLast = cushion;
    made.phases.assign(kStallPhases.size(), figures);
    made.cushionMs = {cushion};
    return made;
}

} // namespace

class TestBenchLead : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void steadyFramesAreNotSilent()
    {
        Trace trace;
        for (int i = 0; i < 50; ++i)
            trace.push_back(frame(20 * i));
        const Hearing hearing = all(trace);
        QCOMPARE(hearing.silentMs, 0.0);
        QCOMPARE(hearing.gaps, 0);
        QCOMPARE(hearing.speechSeconds, 1.0);
    }
    // A stall of 100 ms: strict loses what the last frame did not cover, once; then the line is as it was before.
    void stallIsHeard()
    {
        const Hearing hearing = all({frame(0), frame(20), frame(120), frame(140), frame(160)});
        QCOMPARE(hearing.silentMs, 80.0);
        QCOMPARE(hearing.longestMs, 80.0);
        QCOMPARE(hearing.gaps, 1);
        QCOMPARE(hearing.silentMsPerMinute(), 80.0 * 600);
        QCOMPARE(hearing.gapsPerMinute(), 600.0);
    }
    // The same stall with 60 ms sent ahead.
    void cushionCovers()
    {
        const Hearing hearing = all({frame(0), frame(10), frame(20), frame(30), frame(130)});
        QCOMPARE(hearing.silentMs, 50.0);
    }
    void littleSilencesAreNoGaps()
    {
        const Hearing hearing = all({frame(0), frame(29.9), frame(60), frame(79)});
        QCOMPARE(hearing.silentMs, 9.9 + 10.1);
        QCOMPARE(hearing.gaps, 1);
    }
    // After `clear` nobody speaks; what the carrier still had is thrown away.
    void clearEndsTheSpeech()
    {
        const Hearing hearing = all({frame(0), frame(10), frame(20), clear(25, 23), frame(625), frame(645)});
        QCOMPARE(hearing.silentMs, 0.0);
        QCOMPARE(hearing.leftMs, std::vector<double>{35.0});
        QCOMPARE(hearing.aheadMs, std::vector<double>{37.0});
    }
    // A frame came between the barge-in and the clear: what was ahead at the barge-in does not have it.
    void aheadIsOfTheBargeIn()
    {
        const Hearing hearing = all({frame(0), frame(20), clear(22, 19)});
        QCOMPARE(hearing.aheadMs, std::vector<double>{1.0});
        QCOMPARE(hearing.leftMs, std::vector<double>{18.0});
    }
    void clearWithNothingLeft()
    {
        const Hearing hearing = all({frame(0), clear(50, 10), clear(60, 55)});
        QCOMPARE(hearing.leftMs, (std::vector<double>{0.0, 0.0}));
        QCOMPARE(hearing.aheadMs, (std::vector<double>{10.0, 0.0}));
    }
    // Each phase has its own, but the buffer goes on across their border.
    void onlyTheSpanCounts()
    {
        const Trace trace{frame(0), frame(10), frame(100), frame(120)};
        const Hearing before = hear({trace}, kStart, kStart + fromMs(100));
        const Hearing after = hear({trace}, kStart + fromMs(100), kStart + fromMs(200));
        QCOMPARE(before.silentMs, 0.0);
        QCOMPARE(after.silentMs, 60.0);
        QCOMPARE(after.speechSeconds, 0.04);
    }
    void cushionOverTime()
    {
        Trace trace;
        for (int i = 0; i < 6; ++i)
            trace.push_back(frame(10 * i)); // faster than it is played, ...
        for (int i = 1; i < 96; ++i)
            trace.push_back(frame(50 + 20 * i)); // ... then as fast
        trace.push_back(frame(2980));
        trace.push_back(frame(3000));
        const std::vector<double> cushion = cushionMsBySecond({trace}, kStart, 4);
        QCOMPARE(cushion.size(), 4U);
        QVERIFY2(cushion[0] > 45 && cushion[0] < 50, qPrintable(QString::number(cushion[0])));
        QCOMPARE(cushion[1], 50.0);
        QCOMPARE(cushion[2], 0.0);
        QCOMPARE(cushion[3], 0.0);
    }
    void secondsWithoutSpeechKeepTheirCushion()
    {
        const std::vector<double> cushion = cushionMsBySecond({{frame(0), frame(5), clear(10, 9), frame(2500)}}, kStart,
                                                              3);
        QCOMPARE(cushion, (std::vector<double>{7.5, 7.5, 0.0}));
    }

    void planIsItsSeeds()
    {
        QCOMPARE(stallPlan(7), stallPlan(7));
        QVERIFY(stallPlan(7) != stallPlan(8));
    }
    void planKeepsItsPhases()
    {
        for (quint64 seed = 0; seed < 50; ++seed) {
            std::vector<int> counts(kStallPhases.size(), 0);
            Nanos free = 0;
            for (const Stall &stall : stallPlan(seed)) {
                std::size_t i = 0;
                while (stall.at >= phaseBegin(i + 1))
                    ++i;
                QVERIFY(i < kStallPhases.size());
                ++counts[i];
                QVERIFY(stall.at >= free);
                free = stall.at + stall.length;
                QVERIFY(free < phaseBegin(i + 1));
                QVERIFY(stall.length >= fromMs(kStallPhases[i].leastMs));
                QVERIFY(stall.length <= fromMs(kStallPhases[i].mostMs));
            }
            for (std::size_t i = 0; i < counts.size(); ++i) {
                const StallPhase &phase = kStallPhases[i];
                const double expected = phase.everySeconds > 0 ? phase.seconds / phase.everySeconds : 0;
                QVERIFY2(counts[i] >= int(expected * 0.6) && counts[i] <= int(expected * 1.6),
                         qPrintable(QStringLiteral("%1: %2").arg(QString::fromLatin1(phase.name)).arg(counts[i])));
            }
        }
    }

    // Ctrl-C, or a gateway that has ended: nobody waits for what is left of the plan, and no stall goes on.
    void stallerIsStoppedAtOnce_data()
    {
        QTest::addColumn<Nanos>("at");
        QTest::newRow("before a stall") << 60 * takt::sim::kSecond;
        QTest::newRow("in the midst of one") << Nanos(0);
    }
    void stallerIsStoppedAtOnce()
    {
        QFETCH(Nanos, at);
        const QTemporaryDir dir;
        takt::load::Child child;
        QCOMPARE(child.start({"/bin/sleep", "60"}, {}, dir.filePath(QStringLiteral("output")).toStdString()),
                 QString());
        const auto stands = [&child] {
            QFile file(QStringLiteral("/proc/%1/stat").arg(child.pid()));
            return file.open(QIODevice::ReadOnly) && file.readAll().contains(") T ");
        };
        const Nanos begin = takt::sim::monotonicNs();
        Staller staller(child, {{at, 60 * takt::sim::kSecond}}, begin);
        QTRY_COMPARE(stands(), at == 0);
        const auto done = staller.stop();
        QVERIFY(takt::sim::monotonicNs() - begin < 20 * takt::sim::kSecond);
        QCOMPARE(done.size(), at == 0 ? 1U : 0U);
        QTRY_VERIFY(!stands());
    }

    void judges_data()
    {
        QTest::addColumn<double>("silence"); // of auto; strict has 100
        QTest::addColumn<double>("cushion"); // of auto; strict has 2
        QTest::addColumn<bool>("held");
        QTest::newRow("happy: covered, and fallen back") << 20.0 << 10.0 << true;
        QTest::newRow("rainy: heard") << 60.0 << 10.0 << false;
        QTest::newRow("rainy: never falls back") << 20.0 << 60.0 << false;
    }
    void judges()
    {
        QFETCH(double, silence);
        QFETCH(double, cushion);
        QFETCH(bool, held);
        std::vector<LeadResult> runs;
        for (const int number : {1, 2, 3}) {
            runs.push_back(result(QStringLiteral("0"), number, number == 2 ? 100 : 300, 2));
            runs.push_back(result(QStringLiteral("0"), number, 100, 2));
            runs.push_back(result(QStringLiteral("auto"), number, number == 3 ? 1000 : silence, cushion));
        }
        const LeadComparison comparison = compareLeads(runs, 20);
        QCOMPARE(comparison.settings.size(), 2U);
        QCOMPARE(comparison.settings[0].phases[1].silence, 100.0); // medians: one bad run decides nothing
        QCOMPARE(comparison.settings[1].phases[1].silence, silence);
        QCOMPARE(comparison.held(), held);
    }
    void tells()
    {
        LeadResult strict = result(QStringLiteral("0"), 1, 100, 2);
        strict.phases[1].leftP50 = 9.5;
        strict.phases[1].leftP95 = 25;
        const std::vector<LeadResult> runs{strict, result(QStringLiteral("auto"), 1, 20, 10)};
        const LeadComparison comparison = compareLeads(runs, 20);
        const QStringList rows = leadTable(comparison).split(QLatin1Char('\n'));
        QCOMPARE(rows[0], QStringLiteral("|  | 0 (strict) | auto |"));
        QVERIFY(rows.contains(QStringLiteral("| silence heard, ms per minute of speech: rare long | 100 | 20 |")));
        QVERIFY(rows.contains(QStringLiteral("| ... left when `clear` came: rare long | 9.5 / 25 | 0 / 0 |")));
        QVERIFY(leadText(comparison).contains(QStringLiteral("auto, silence: rare long")));
        QVERIFY(leadRunText(strict).contains(QStringLiteral("silent 100 ms/min")));
        const QJsonObject json = leadJson(comparison, runs);
        QCOMPARE(json[QStringLiteral("medians")][1][QStringLiteral("lead_ms")].toString(), QStringLiteral("auto"));
        QCOMPARE(json[QStringLiteral("runs")].toArray().size(), 2);
        QVERIFY(json[QStringLiteral("held")].toBool());
    }
    void oneBurstIsTooMany()
    {
        LeadResult bad = result(QStringLiteral("60"), 2, 0, 0);
        bad.bursts = 1;
        QVERIFY(compareLeads({result(QStringLiteral("60"), 1, 0, 0)}, 20).held());
        QVERIFY(!compareLeads({result(QStringLiteral("60"), 1, 0, 0), bad, result(QStringLiteral("60"), 3, 0, 0)}, 20)
                     .held());
    }
};

QTEST_GUILESS_MAIN(TestBenchLead)
#include "tst_bench_lead.moc"
