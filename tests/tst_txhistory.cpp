// SPDX-License-Identifier: GPL-3.0-or-later
#include "txhistory.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

// A second in which 50 slots were served, each this late.
void serve(media::LatenessHistogram &worker, qint64 lateNs)
{
    for (int i = 0; i < 50; ++i)
        worker.record(lateNs);
}

qsizetype pointsOf(const QHash<QString, QJsonObject> &rows, QLatin1StringView span)
{
    return std::count_if(rows.cbegin(), rows.cend(), [&](const QJsonObject &row) { return row["span"_L1] == span; });
}

} // namespace

class TestTxHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aSecondIsWhatCameSinceTheLastLook()
    {
        media::LatenessHistogram worker;
        serve(worker, 500'000'000); // before anybody looked
        TxHistory history;
        history.add(0, {{worker.snapshot()}, 1000, 3, 0, 0, 0});
        QCOMPARE(pointsOf(history.rows(), "second"_L1), 0);
        serve(worker, 1'000'000);
        history.add(1000, {{worker.snapshot()}, 1050, 4, 2, 0, 0});
        const QJsonObject point = history.rows()[u"second/0"_s];
        QCOMPARE(point["frames"_L1].toInteger(), 50);
        QCOMPARE(point["stalls"_L1].toInteger(), 1);
        QCOMPARE(point["resyncs"_L1].toInteger(), 2);
        QCOMPARE(point["slots"_L1].toInteger(), 50);
        const qint64 p99 = point["p99_us"_L1].toInteger();
        QVERIFY2(p99 >= 1000 && p99 <= 1130, qPrintable(QString::number(p99)));
        QCOMPARE(history.rows()[u"worker/0"_s]["slots"_L1].toInteger(), 50);
    }

    void minutesAndQuartersAreMadeOfSeconds()
    {
        media::LatenessHistogram worker;
        TxHistory history;
        TxHistory::Totals totals;
        for (int second = 0; second <= 2 * 900; ++second) {
            serve(worker, second == 30 ? 90'000'000 : 1'000'000);
            totals.workers = {worker.snapshot()};
            totals.frames += 50;
            history.add(second * 1000, totals);
        }
        const auto rows = history.rows();
        QCOMPARE(pointsOf(rows, "second"_L1), 60);
        QCOMPARE(pointsOf(rows, "minute"_L1), 30);
        QCOMPARE(pointsOf(rows, "quarter"_L1), 2);
        QCOMPARE(rows[u"minute/1"_s]["frames"_L1].toInteger(), 50 * 60);
        QVERIFY(rows[u"minute/0"_s]["max_us"_L1].toInteger() >= 90'000);
        QVERIFY(rows[u"minute/1"_s]["max_us"_L1].toInteger() < 2'000);
        QVERIFY(rows[u"quarter/0"_s]["max_us"_L1].toInteger() >= 90'000);
        QVERIFY(!rows.contains(u"second/0"_s)); // long ago
    }

    void aPointIsSentOnceAndThenGoes()
    {
        media::LatenessHistogram worker;
        TxHistory history;
        TopicState before;
        for (int second = 0; second < 100; ++second) {
            serve(worker, 1'000'000);
            history.add(second * 1000, {{worker.snapshot()}, 50 * second, 0, 0, 0, 0});
            const TopicState after{{}, history.rows()};
            const TopicUpdate update = difference(before, after);
            QVERIFY(update.rows.size() <= 3); // a second, the worker, now and then a minute
            QVERIFY(update.removed.size() <= 1);
            before = after;
        }
    }
};

QTEST_GUILESS_MAIN(TestTxHistory)
#include "tst_txhistory.moc"
