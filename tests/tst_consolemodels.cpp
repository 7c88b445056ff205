// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the console's models follow the gateway's updates, under the eyes of QAbstractItemModelTester.
#include "console/models/callmodels.h"
#include "console/models/filterproxy.h"
#include "console/models/flightsmodel.h"
#include "console/models/jobsmodel.h"
#include "console/models/livecallsmodel.h"
#include "console/models/txmodel.h"
#include "console/models/verdict.h"
#include "console/samples.h"

#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::console;

namespace {

constexpr qint64 kNowMs = 1'800'000'000'000;

// Every model through the same storm of snapshots and deltas: its rows are the truth's.
void storm(TopicModel &model, const TopicState &full)
{
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    FilterProxy proxy;
    proxy.setSourceModel(&model);
    proxy.sort(0);
    QAbstractItemModelTester proxyTester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QRandomGenerator random(11);
    TopicState truth;
    for (int i = 0; i < 60; ++i) {
        TopicState next{full.head, {}};
        for (auto it = full.rows.cbegin(); it != full.rows.cend(); ++it) {
            if (random.bounded(3) > 0)
                next.rows.insert(it.key(), it.value());
        }
        for (QJsonObject &row : next.rows)
            row.insert("backlog_ms"_L1, int(random.bounded(500)));
        if (random.bounded(10) == 0) {
            for (const TopicUpdate &piece : snapshotOf(next))
                model.apply(piece);
        } else {
            model.apply(difference(truth, next));
        }
        truth = next;
        QCOMPARE(model.rowCount(), int(truth.rows.size()));
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.facts(row), truth.rows.value(model.key(row)));
            QCOMPARE(model.rowOf(model.key(row)), row);
            for (int column = 0; column < model.columnCount(); ++column)
                (void)model.index(row, column).data();
        }
    }
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

TxPoint second(qint64 p99Us, qint64 stalls = 0, qint64 dropped = 0, qint64 resyncs = 0)
{
    TxPoint point;
    point.p99Us = point.maxUs = p99Us;
    point.stalls = stalls;
    point.dropped = dropped;
    point.resyncs = resyncs;
    return point;
}

} // namespace

class TestConsoleModels : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void modelsFollowTheGateway()
    {
        LiveCallsModel calls;
        storm(calls, samples::calls(40, kNowMs));
        JobsModel jobs;
        storm(jobs, samples::jobs(kNowMs));
        TxModel tx;
        storm(tx, samples::beat(kNowMs, 1));
        FlightsModel flights;
        storm(flights, samples::flights(kNowMs));
        TurnsModel turns;
        TopicState talk = samples::conversation(kNowMs, false);
        TopicState onlyTurns;
        apply(onlyTurns, only(snapshotOf(talk).front(), u"turn/"_s));
        storm(turns, onlyTurns);
        EventsModel events;
        TopicState onlyEvents;
        apply(onlyEvents, only(snapshotOf(talk).front(), u"event/"_s));
        storm(events, onlyEvents);
    }

    void aDeltaIsOneSignalForAllRows()
    {
        LiveCallsModel calls;
        TopicState state = samples::calls(100, kNowMs);
        for (const TopicUpdate &piece : snapshotOf(state))
            calls.apply(piece);
        QSignalSpy changed(&calls, &QAbstractItemModel::dataChanged);
        TopicState next = state;
        for (QJsonObject &row : next.rows)
            row.insert("backlog_ms"_L1, 777);
        calls.apply(difference(state, next));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(calls.call(50).backlogMs, 777);
    }

    void aCallRemembersItsLastSeconds()
    {
        LiveCallsModel calls;
        TopicState state = samples::calls(1, kNowMs);
        const QString sid = state.rows.constBegin().key();
        calls.apply(snapshotOf(state).front());
        for (int i = 0; i < 200; ++i) {
            TopicState next = state;
            next.rows[sid].insert("frames_sent"_L1, 50 * i);
            calls.apply(difference(state, next));
            state = next;
            calls.onSecond(kNowMs + 1000 * i);
        }
        QCOMPARE(calls.samples(0).size(), LiveCallsModel::kSamples);
        QCOMPARE(calls.samples(0).back().frames, 50.0);
    }

    void filterFindsEveryWord()
    {
        LiveCallsModel calls;
        for (const TopicUpdate &piece : snapshotOf(samples::calls(9, kNowMs)))
            calls.apply(piece);
        FilterProxy proxy;
        proxy.setSourceModel(&calls);
        proxy.setText(u"bike"_s);
        QCOMPARE(proxy.rowCount(), 3);
        proxy.setText(u"bike 10100"_s);
        QCOMPARE(proxy.rowCount(), 1);
        proxy.setText(u"bike nobody"_s);
        QCOMPARE(proxy.rowCount(), 0);
        proxy.setText(QString());
        QCOMPARE(proxy.rowCount(), 9);
    }

    void numbersSortAsNumbers()
    {
        LiveCallsModel calls;
        for (const TopicUpdate &piece : snapshotOf(samples::calls(30, kNowMs)))
            calls.apply(piece);
        FilterProxy proxy;
        proxy.setSourceModel(&calls);
        proxy.sort(LiveCallsModel::Backlog, Qt::DescendingOrder);
        for (int row = 1; row < proxy.rowCount(); ++row)
            QVERIFY(proxy.index(row - 1, LiveCallsModel::Backlog).data(TopicModel::kSortRole).toLongLong()
                    >= proxy.index(row, LiveCallsModel::Backlog).data(TopicModel::kSortRole).toLongLong());
    }

    void jobsKnowTheirCountsAndPauses()
    {
        JobsModel jobs;
        TopicState state = samples::jobs(kNowMs);
        state.head.insert("paused"_L1, QJsonArray{"transcribe"_L1});
        state.head.insert("closed"_L1, "TX degraded"_L1);
        jobs.apply(snapshotOf(state).front());
        QVERIFY(jobs.count(u"failed"_s) > 0);
        QCOMPARE(jobs.count(u"nothing"_s), 0);
        QCOMPARE(jobs.pausedStages(), QStringList{u"transcribe"_s});
        QCOMPARE(jobs.closed(), u"TX degraded"_s);
    }

    void theVerdictIsTheWorst_data()
    {
        QTest::addColumn<QList<TxPoint>>("minute");
        QTest::addColumn<bool>("draining");
        QTest::addColumn<QString>("title");
        const QList<TxPoint> calm(60, second(400));
        const auto with = [&](const TxPoint &point, int at) {
            QList<TxPoint> minute = calm;
            minute[at] = point;
            return minute;
        };
        QTest::newRow("nothing known") << QList<TxPoint>() << false << u"On the beat"_s;
        QTest::newRow("calm") << calm << false << u"On the beat"_s;
        QTest::newRow("a stall, half a minute ago") << with(second(400, 1), 30) << false << u"The beat stalls"_s;
        QTest::newRow("a stall while draining") << with(second(400, 1), 30) << true << u"The beat stalls"_s;
        QTest::newRow("dropped") << with(second(400, 1, 3), 3) << false << u"Words are lost"_s;
        QTest::newRow("late now") << with(second(25'000), 59) << false << u"The beat is late"_s;
        QTest::newRow("late half a minute ago") << with(second(25'000), 30) << false << u"On the beat"_s;
        QTest::newRow("uneven") << with(second(7'000), 59) << false << u"The beat is uneven"_s;
        QTest::newRow("missed") << with(second(400, 0, 0, 2), 59) << false << u"The beat stumbles"_s;
        QTest::newRow("draining") << calm << true << u"Draining"_s;
    }
    void theVerdictIsTheWorst()
    {
        QFETCH(QList<TxPoint>, minute);
        QFETCH(bool, draining);
        QFETCH(QString, title);
        GatewaySnapshot gateway;
        gateway.draining = draining;
        gateway.drainEndsAtMs = draining ? kNowMs + 95'000 : 0;
        const Verdict verdict = Judge::judge(minute, gateway, 3, kNowMs);
        QCOMPARE(verdict.title, title);
        QCOMPARE(verdict.detail, verdict.detail.trimmed());
        QCOMPARE(verdict.detail.contains(u"1:35"_s), draining); // the time that is left, whatever else there is
    }
};

QTEST_GUILESS_MAIN(TestConsoleModels)
#include "tst_consolemodels.moc"
