// SPDX-License-Identifier: GPL-3.0-or-later
// Flight records as text: what comes fifty times a second is told in a line, what should not be stands out.
#include "control/ctlflight.h"

#include <QJsonArray>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

QByteArray line(int ms, const char *what, const char *figures = "")
{
    return QByteArray("{\"t_us\":") + QByteArray::number(ms * 1000) + ",\"what\":\"" + what + '"' + figures + "}\n";
}

} // namespace

class TestCtlFlight : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRecordIsATimeline()
    {
        QByteArray record =
            R"({"flight":1,"call_sid":"CA1","reason":"stall","cause":"queue starved","duration_ms":300,)"
            R"("at_ms":0,"from_us":1000000,"until_us":3000000})"
            "\n";
        record += line(1000, "delta", ",\"bytes\":1600,\"item\":1");
        for (int ms = 1000; ms < 1200; ms += 20) {
            record += line(ms, "media", ",\"bytes\":160,\"hole_ms\":0");
            record += line(ms, "sent",
                           ms == 1100 ? ",\"late_us\":2500,\"backlog\":3" : ",\"late_us\":160,\"backlog\":1");
        }
        record += line(1200, "empty", ",\"late_us\":0,\"mid_item\":1");
        record += line(1480, "sent", ",\"late_us\":160,\"backlog\":7");
        record += line(1490, "barge_in");
        const QStringList told = control::flightText({{"ndjson"_L1, QString::fromUtf8(record)}}).split(u'\n');
        QVERIFY(told[0].startsWith("CA1  stall of 300 ms, queue starved, "_L1));
        QCOMPARE(told.sliced(1),
                 (QStringList{
                     u"24 events of the last 2.0 s; 10 frames of the caller are not shown"_s,
                     u"   -2.000 s  sent x 10 within 180 ms  worst late 2.5 ms  backlog 20 ms  delta x 1 with 200 ms"_s,
                     u"   -1.800 s  empty  late_us 0  mid_item 1"_s, u"             (no frame of speech for 300 ms)"_s,
                     u"   -1.520 s  sent x 1 within 0 ms  worst late 0.2 ms  backlog 140 ms"_s,
                     u"   -1.510 s  barge_in"_s}));
    }

    void whatIsNoRecordIsSaid()
    {
        QVERIFY(control::flightText({{"ndjson"_L1, "rubbish"_L1}}).contains("no flight record"_L1));
    }

    void theListNamesWhatThereIs()
    {
        QCOMPARE(control::flightsText({}), u"no stalls, and no flight records"_s);
        const QJsonArray flights{
            QJsonObject{{"flight"_L1, "1-CA1-stall"_L1},
                        {"call_sid"_L1, "CA1"_L1},
                        {"reason"_L1, "stall"_L1},
                        {"cause"_L1, "socket full"_L1},
                        {"duration_ms"_L1, 260}},
            QJsonObject{{"flight"_L1, ""_L1}, {"call_sid"_L1, "CA2"_L1}, {"reason"_L1, "crash"_L1}}};
        const QStringList lines = control::flightsText({{"flights"_L1, flights}}).split(u'\n');
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[0].endsWith("CA1  stall of 260 ms, socket full  1-CA1-stall"_L1));
        QVERIFY(lines[1].endsWith("CA2  crash  (no record)"_L1));
    }
};

QTEST_GUILESS_MAIN(TestCtlFlight)
#include "tst_ctlflight.moc"
