// SPDX-License-Identifier: GPL-3.0-or-later
// takt-sim capacity as a user runs it: a real gateway, a few calls, over the wire.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

using namespace Qt::Literals::StringLiterals;

class TestCapacity : public QObject
{
    Q_OBJECT

    // Small, and content with any beat that is one: it is the tool that is tested here.
    static QJsonObject run(const QStringList &more, int code)
    {
        QProcess sim;
        sim.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        sim.start(QCoreApplication::applicationDirPath() + u"/takt-sim"_s,
                  QStringList{u"capacity"_s, u"--json"_s, u"--from"_s, u"3"_s, u"--step"_s, u"3"_s, u"--max"_s, u"6"_s,
                              u"--seconds"_s, u"1"_s, u"--repeat"_s, u"1"_s}
                      + more);
        if (!sim.waitForFinished(110'000) || sim.exitCode() != code)
            return {{u"code"_s, sim.exitCode()}};
        return QJsonDocument::fromJson(sim.readAllStandardOutput()).object();
    }

private Q_SLOTS:
    void holdsAFewCalls_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::newRow("plain") << QStringList();
        QTest::newRow("with TLS, on a core of its own")
            << QStringList{u"--tls"_s, u"on"_s, u"--cores"_s, u"1"_s, u"--from"_s, u"6"_s};
    }
    void holdsAFewCalls()
    {
        QFETCH(QStringList, options);
        const QJsonObject json = run(options + QStringList{u"--p999-ms"_s, u"1000"_s}, 0);
        const QJsonObject search = json[u"searches"_s][0].toObject();
        QCOMPARE(search[u"held"_s].toInt(), 6);
        QVERIFY(search[u"slipped"_s].isNull());
        const QJsonArray levels = search[u"levels"_s].toArray();
        const QJsonObject last = levels.last().toObject();
        const QJsonObject figures = last[u"figures"_s].toObject();
        QCOMPARE(figures[u"opened"_s].toInt(), 6);
        QVERIFY(figures[u"gaps"_s].toDouble() > 6 * 20);
        QVERIFY(figures[u"cpu_ms_per_second_per_call"_s].toDouble() > 0);
        QVERIFY(figures[u"resident_mb"_s].toDouble() > 1);
        const QJsonObject evidence = last[u"evidence"_s].toObject();
        QVERIFY(evidence[u"cores"_s].toInt() >= 1);
        QStringList threads;
        for (const char *side : {"gateway_threads", "load_threads"}) {
            for (const QJsonValue thread : evidence[QLatin1StringView(side)].toArray())
                threads << thread[u"name"_s].toString();
        }
        for (const QString &thread : {u"tx-0"_s, u"calls"_s, u"carrier"_s, u"model"_s})
            QVERIFY2(threads.contains(thread), qPrintable(threads.join(u' ')));
    }
    // No beat is that good: it slips at the lowest number, and something is named for it.
    void nothingHolds()
    {
        const QJsonObject json = run({u"--p999-ms"_s, u"0.001"_s, u"--max"_s, u"3"_s}, 1);
        const QJsonObject search = json[u"searches"_s][0].toObject();
        QCOMPARE(search[u"held"_s].toInt(-1), 0);
        QVERIFY(search[u"slipped"_s].toInt() > 0);
        QVERIFY(!search[u"ended_by"_s].toString().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCapacity)
#include "tst_capacity.moc"
