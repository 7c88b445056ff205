// SPDX-License-Identifier: GPL-3.0-or-later
// The cushion that grows with what a host makes late, and melts again: its rule, and what the pacer makes of it. A
// simulated clock.
#include "media/autolead.h"
#include "media/pacer.h"

#include <QTest>

using namespace takt::media;

namespace {

constexpr qint64 kMs = 1'000'000;

struct AlwaysReady final : Pacer::Sink {
    Pacer::Outcome onSlot(int, qint64) override
    {
        sent.push_back(nowNs);
        return {true, nowNs};
    }
    qint64 nowNs = 0;
    std::vector<qint64> sent;
};

} // namespace

class TestAutoLead : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rises_data()
    {
        QTest::addColumn<QList<int>>("late"); // ms, the worst of each second
        QTest::addColumn<QList<int>>("lead"); // ms, after it
        QTest::newRow("happy: in time") << QList<int>{0, 1, 3, 5} << QList<int>{0, 0, 0, 0};
        QTest::newRow("happy: covered") << QList<int>{30, 38, 44} << QList<int>{40, 40, 40};
        QTest::newRow("rainy: a little late") << QList<int>{6} << QList<int>{20};
        QTest::newRow("rainy: late") << QList<int>{50} << QList<int>{80};
        QTest::newRow("rainy: later still") << QList<int>{50, 100} << QList<int>{80, 140};
        QTest::newRow("rainy: beyond help") << QList<int>{5000} << QList<int>{200};
    }
    void rises()
    {
        QFETCH(QList<int>, late);
        QFETCH(QList<int>, lead);
        AutoLead cushion;
        QList<int> seen;
        for (const int ms : late)
            seen << int(cushion.onSecond(ms * kMs) / kMs);
        QCOMPARE(seen, lead);
    }

    void melts()
    {
        AutoLead cushion;
        QCOMPARE(cushion.onSecond(60 * kMs), 80 * kMs);
        for (int s = 1; s < AutoLead::kCalmSeconds; ++s)
            QCOMPARE(cushion.onSecond(2 * kMs), 80 * kMs);
        QCOMPARE(cushion.onSecond(2 * kMs), 60 * kMs);
        QCOMPARE(cushion.onSecond(40 * kMs), 60 * kMs); // needed after all: the thirty seconds begin anew
        for (int s = 1; s < AutoLead::kCalmSeconds; ++s)
            QCOMPARE(cushion.onSecond(0), 60 * kMs);
        for (const int left : {40, 20, 0}) {
            QCOMPARE(cushion.onSecond(0), left * kMs);
            for (int s = 1; s < AutoLead::kFallSeconds && left > 0; ++s)
                QCOMPARE(cushion.onSecond(0), left * kMs);
        }
        QCOMPARE(cushion.onSecond(0), 0);
    }

    // A lane that speaks without end: as the lead changes, no two frames are closer than half an interval, and it ends
    // up exactly that much ahead of real time.
    void theLaneFollows()
    {
        Pacer pacer;
        AlwaysReady sink;
        sink.nowNs = 1'000'000'007;
        pacer.add(sink.nowNs);
        const auto speak = [&](qint64 ms) {
            const qint64 untilNs = sink.nowNs + ms * kMs;
            while (pacer.nextDeadlineNs() <= untilNs) {
                sink.nowNs = pacer.nextDeadlineNs();
                pacer.serve(sink.nowNs, sink);
            }
            sink.nowNs = untilNs;
        };
        // Audio sent, minus the time since the first frame.
        const auto aheadMs = [&] {
            return double(qint64(sink.sent.size()) * 20 * kMs - (sink.sent.back() - sink.sent.front())) / kMs;
        };
        speak(1000);
        QCOMPARE(aheadMs(), 20.0);
        pacer.setLead(80 * kMs);
        speak(1000);
        QVERIFY2(std::abs(aheadMs() - 100.0) < 0.5, qPrintable(QString::number(aheadMs())));
        pacer.setLead(0);
        speak(1000);
        QVERIFY2(std::abs(aheadMs() - 20.0) < 0.5, qPrintable(QString::number(aheadMs())));
        for (std::size_t i = 1; i < sink.sent.size(); ++i)
            QVERIFY(sink.sent[i] - sink.sent[i - 1] >= 10'500'000);
    }

    // Pacer and rule together, with a carrier that plays in real time: of a stall every four seconds only the first is heard,
    // and when the stalls are over all of the cushion is given back.
    void stallsAreHeardOnceAndTheCushionMelts()
    {
        const auto heardMs = [](bool isAuto, qint64 *leadMs) {
            Pacer pacer;
            AutoLead cushion;
            AlwaysReady sink;
            sink.nowNs = 1'000'000'007;
            pacer.add(sink.nowNs);
            const qint64 beginNs = sink.nowNs;
            qint64 secondNs = beginNs;
            qint64 stallNs = beginNs + 4000 * kMs; // the next one
            qint64 worstNs = 0;
            qint64 playedUntilNs = 0;
            qint64 silentNs = 0;
            while (sink.nowNs < beginNs + 120'000 * kMs) {
                const qint64 dueNs = pacer.nextDeadlineNs();
                sink.nowNs = dueNs;
                if (stallNs <= dueNs && stallNs < beginNs + 40'000 * kMs) {
                    sink.nowNs = std::max(dueNs, stallNs + 150 * kMs);
                    stallNs += 4000 * kMs;
                }
                pacer.serve(sink.nowNs, sink);
                worstNs = std::max(worstNs, sink.nowNs - dueNs);
                if (playedUntilNs != 0)
                    silentNs += std::max<qint64>(0, sink.nowNs - playedUntilNs);
                playedUntilNs = std::max(sink.nowNs, playedUntilNs) + 20 * kMs;
                if (isAuto && sink.nowNs - secondNs >= 1000 * kMs) {
                    secondNs = sink.nowNs;
                    pacer.setLead(cushion.onSecond(std::exchange(worstNs, 0)));
                }
            }
            *leadMs = cushion.leadNs() / kMs;
            return silentNs / kMs;
        };
        qint64 leadMs = 0;
        const qint64 strict = heardMs(false, &leadMs);
        QVERIFY2(strict > 9 * 110, qPrintable(QString::number(strict)));
        const qint64 automatic = heardMs(true, &leadMs);
        QVERIFY2(automatic < strict / 7, qPrintable(QString::number(automatic)));
        QCOMPARE(leadMs, 0);
    }
};

QTEST_GUILESS_MAIN(TestAutoLead)
#include "tst_autolead.moc"
