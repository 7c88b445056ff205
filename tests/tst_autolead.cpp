// SPDX-License-Identifier: GPL-3.0-or-later
// The cushion that grows with what a host makes late, and melts again: its rule, and what the pacer makes of it. A
// simulated clock.
#include "media/autolead.h"
#include "media/pacer.h"

#include <QTest>

#include <utility>
#include <vector>

using namespace takt::media;

namespace {

constexpr qint64 kMs = 1'000'000;

// A TX worker's lane that speaks without end, or is not there at all.
struct Host final : Pacer::Sink {
    explicit Host(bool autoLead = true)
        : isAuto(autoLead)
    {
        lane = pacer.add(nowNs);
    }

    Pacer::Outcome onSlot(int, qint64 lateNs) override
    {
        if (isAuto)
            pacer.setLead(cushion.onSlot(nowNs, lateNs));
        sent.push_back(nowNs);
        return {true, nowNs};
    }
    // The next slot is that late, all others are in time.
    void runFor(qint64 ms, int lateMs = 0)
    {
        const qint64 untilNs = nowNs + ms * kMs;
        while (pacer.nextDeadlineNs() <= untilNs) {
            nowNs = pacer.nextDeadlineNs() + std::exchange(lateMs, 0) * kMs;
            pacer.serve(nowNs, *this);
        }
        nowNs = std::max(nowNs, untilNs);
    }
    void noCallFor(qint64 ms)
    {
        pacer.remove(lane);
        nowNs += ms * kMs;
        lane = pacer.add(nowNs);
    }
    // In time, until the lead is another; after how many seconds it was.
    double secondsUntilItChanges()
    {
        const qint64 sinceNs = nowNs;
        for (const qint64 leadNs = cushion.leadNs(); cushion.leadNs() == leadNs && nowNs - sinceNs < 100'000 * kMs;)
            runFor(20);
        return double(nowNs - sinceNs) / 1e9;
    }
    [[nodiscard]] int leadMs() const { return int(cushion.leadNs() / kMs); }

    const bool isAuto;
    Pacer pacer;
    AutoLead cushion;
    qint64 nowNs = 1'000'000'007;
    int lane;
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
        Host host;
        QList<int> seen;
        for (const int ms : late) {
            host.runFor(1100, ms);
            seen << host.leadMs();
        }
        QCOMPARE(seen, lead);
    }

    void melts()
    {
        Host host;
        host.runFor(1100, 60);
        QCOMPARE(host.leadMs(), 80);
        const auto falls = [&](int leadMs, double afterS) {
            const double s = host.secondsUntilItChanges();
            QVERIFY2(std::abs(s - afterS) < 1.5, qPrintable(QString::number(s)));
            QCOMPARE(host.leadMs(), leadMs);
        };
        falls(60, AutoLead::kCalmSeconds);
        host.runFor(1100, 40); // needed after all: the thirty seconds begin anew
        QCOMPARE(host.leadMs(), 60);
        falls(40, AutoLead::kCalmSeconds);
        falls(20, AutoLead::kFallSeconds);
        falls(0, AutoLead::kFallSeconds);
        host.runFor(100'000);
        QCOMPARE(host.leadMs(), 0);
        host.runFor(1100, 60);
        QCOMPARE(host.leadMs(), 80);
        falls(60, AutoLead::kCalmSeconds); // that it had been calm before is not counted
    }

    void meltsWhileThereAreNoCalls_data()
    {
        QTest::addColumn<qint64>("pauseMs");
        QTest::addColumn<int>("lead"); // ms; 200 before
        QTest::newRow("no pause") << 0LL << 200;
        QTest::newRow("rainy: half a second") << 500LL << 200;
        QTest::newRow("rainy: as good as thirty seconds") << 28'500LL << 200;
        QTest::newRow("happy: three steps") << 42'500LL << 140;
        QTest::newRow("happy: nine steps") << 72'500LL << 20;
        QTest::newRow("happy: all") << 77'500LL << 0;
        QTest::newRow("happy: a night") << 8 * 3'600'000LL << 0;
        QTest::newRow("happy: a hundred years") << 100 * 365 * 86'400'000LL << 0;
    }
    void meltsWhileThereAreNoCalls()
    {
        QFETCH(qint64, pauseMs);
        QFETCH(int, lead);
        Host host;
        host.runFor(20, 5000); // judged at once
        QCOMPARE(host.leadMs(), 200);
        host.noCallFor(pauseMs);
        host.sent.clear();
        host.runFor(60);
        QCOMPARE(host.leadMs(), lead);
        // Already the first frame of the call knows.
        QCOMPARE(host.sent[1] - host.sent[0], lead == 0 ? 20 * kMs : Pacer::Config().minGapNs);
        host.runFor(1100, 150); // and it rises as ever
        QVERIFY2(host.leadMs() >= 140, qPrintable(QString::number(host.leadMs())));
    }

    void aPauseAndTheCallsAroundItAreCountedTogether()
    {
        Host host;
        host.runFor(1100, 60);
        host.runFor(10'000);
        host.noCallFor(10'000);
        QCOMPARE(host.leadMs(), 80);
        const double s = host.secondsUntilItChanges();
        QVERIFY2(std::abs(s - 10.0) < 2.5, qPrintable(QString::number(s)));
        QCOMPARE(host.leadMs(), 60);
    }

    // The thread stands still for minutes, with a call: nothing of that was calm.
    void aStallIsNoPause()
    {
        Host host;
        host.runFor(1100, 60);
        QCOMPARE(host.leadMs(), 80);
        host.runFor(20, 300'000);
        QCOMPARE(host.leadMs(), 200);
        const double s = host.secondsUntilItChanges();
        QVERIFY2(s > AutoLead::kCalmSeconds - 1.5, qPrintable(QString::number(s)));
    }

    // What was late just before the last call ended counts, and so does a late first slot.
    void lateAtTheEdgesOfAPause()
    {
        Host before;
        before.runFor(1100);
        before.runFor(40, 50);
        before.noCallFor(5000);
        before.runFor(60);
        QCOMPARE(before.leadMs(), 80);
        Host after;
        after.runFor(1100);
        after.noCallFor(3'600'000);
        after.runFor(1100, 50);
        QCOMPARE(after.leadMs(), 80);
    }

    // A lane that speaks without end: as the lead changes, no two frames are closer than half an interval, and it ends
    // up exactly that much ahead of real time.
    void theLaneFollows()
    {
        Host host(false);
        // Audio sent, minus the time since the first frame.
        const auto aheadMs = [&] {
            return double(qint64(host.sent.size()) * 20 * kMs - (host.sent.back() - host.sent.front())) / kMs;
        };
        host.runFor(1000);
        QCOMPARE(aheadMs(), 20.0);
        host.pacer.setLead(80 * kMs);
        host.runFor(1000);
        QVERIFY2(std::abs(aheadMs() - 100.0) < 0.5, qPrintable(QString::number(aheadMs())));
        host.pacer.setLead(0);
        host.runFor(1000);
        QVERIFY2(std::abs(aheadMs() - 20.0) < 0.5, qPrintable(QString::number(aheadMs())));
        for (std::size_t i = 1; i < host.sent.size(); ++i)
            QVERIFY(host.sent[i] - host.sent[i - 1] >= 10'500'000);
    }

    // Pacer and rule together, with a carrier that plays in real time: of a stall every four seconds only the first is heard,
    // and when the stalls are over all of the cushion is given back.
    void stallsAreHeardOnceAndTheCushionMelts()
    {
        const auto heardMs = [](bool isAuto, int *leadMs) {
            Host host(isAuto);
            for (int stall = 0; stall < 10; ++stall) {
                host.runFor(3850);
                // All threads of a machine stand still for 150 ms: what is due meanwhile is late, by the rest of it.
                const qint64 untilNs = host.nowNs + 150 * kMs;
                host.nowNs = untilNs;
                while (host.pacer.nextDeadlineNs() <= untilNs)
                    host.pacer.serve(untilNs, host);
            }
            host.runFor(80'000);
            *leadMs = host.leadMs();
            qint64 silentNs = 0;
            qint64 playedUntilNs = host.sent.front();
            for (const qint64 ns : host.sent) {
                silentNs += std::max<qint64>(0, ns - playedUntilNs);
                playedUntilNs = std::max(ns, playedUntilNs) + 20 * kMs;
            }
            return silentNs / kMs;
        };
        int leadMs = 0;
        const qint64 strict = heardMs(false, &leadMs);
        QVERIFY2(strict > 9 * 110, qPrintable(QString::number(strict)));
        const qint64 automatic = heardMs(true, &leadMs);
        QVERIFY2(automatic < strict / 7, qPrintable(QString::number(automatic)));
        QCOMPARE(leadMs, 0);
    }
};

QTEST_GUILESS_MAIN(TestAutoLead)
#include "tst_autolead.moc"
