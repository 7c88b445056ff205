// SPDX-License-Identifier: GPL-3.0-or-later
#include "txhistory.h"
#include "txrows.h"

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

    void theLiveCallsOfEachWorker()
    {
        QHash<QString, QJsonObject> rows;
        for (int worker = 0; worker < 3; ++worker)
            rows.insert(u"worker/%1"_s.arg(worker), {{"span"_L1, "worker"_L1}, {"worker"_L1, worker}, {"slots"_L1, 7}});
        rows.insert(u"second/0"_s, {{"span"_L1, "second"_L1}, {"frames"_L1, 1}});
        QList<CallSnapshot> calls;
        for (int i = 0; i < 120; ++i) {
            CallSnapshot call;
            call.callSid = u"CA%1"_s.arg(i, 3, 10, QChar(u'0'));
            call.from = u"+1555"_s + QString::number(i);
            call.to = u"+1999"_s;
            call.direction = i == 77 ? u"outbound"_s : u"inbound"_s;
            call.txWorker = i % 2;
            call.tx.framesSent = 10;
            call.tx.underruns = 1;
            call.tx.bursts = i == 77 ? 3 : 0;
            call.tx.stalls = i == 5 ? 1 : 0;
            call.tx.leadMs = i;
            call.tx.worstLateUs = 1000 + i;
            calls << call;
        }
        addBeatOfCalls(rows, calls);
        QCOMPARE(rows[u"worker/0"_s]["calls"_L1].toInt(), 60);
        QCOMPARE(rows[u"worker/0"_s]["frames"_L1].toInt(), 600);
        QCOMPARE(rows[u"worker/0"_s]["slots"_L1].toInt(), 7); // of the last second, as before
        QCOMPARE(rows[u"worker/1"_s]["underruns"_L1].toInt(), 60);
        QCOMPARE(rows[u"worker/1"_s]["bursts"_L1].toInt(), 3);
        QCOMPARE(rows[u"worker/1"_s]["stalls"_L1].toInt(), 1);
        QCOMPARE(rows[u"worker/1"_s]["lead_ms"_L1].toInt(), 119);
        QCOMPARE(rows[u"worker/2"_s]["calls"_L1].toInt(-1), 0);
        QCOMPARE(rows[u"second/0"_s].size(), 2);
        QCOMPARE(pointsOf(rows, "call"_L1), kBeatCallsShown);
        for (const QString &worst : {u"call/CA005"_s, u"call/CA077"_s, u"call/CA119"_s, u"call/CA071"_s})
            QVERIFY2(rows.contains(worst), qPrintable(worst));
        QVERIFY(!rows.contains(u"call/CA070"_s));
        QCOMPARE(rows[u"call/CA077"_s]["number"_L1].toString(), u"+1999"_s);
        QCOMPARE(rows[u"call/CA119"_s]["number"_L1].toString(), u"+1555119"_s);
        QCOMPARE(rows[u"call/CA119"_s]["max_us"_L1].toInt(), 1119);
    }
};

QTEST_GUILESS_MAIN(TestTxHistory)
#include "tst_txhistory.moc"
