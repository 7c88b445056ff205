// SPDX-License-Identifier: GPL-3.0-or-later
// Rule 9 of the beat on a simulated clock: what is a stall, what the original took for one and is none, how long it was
// and whose fault. And when a call's audio counts as degraded.
#include "media/stallobserver.h"
#include "media/txquality.h"

#include <QTest>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using media::StallObserver;
using media::TxQuality;

namespace {

constexpr qint64 kMs = 1'000'000;

struct Look {
    int atMs;
    int backlog;
    int lastSentMs;
    const char *told = ""; // "found", "over 150 socket full", "found over 130 worker late"
    int slotsFull = 0;
    media::TxHealth::Stall last{};
    int readySinceMs = 0;
    bool inItem = true;
    bool starved = false;
};

StallObserver::Look seen(const Look &look)
{
    return {look.atMs * kMs, look.backlog, look.readySinceMs * kMs, look.lastSentMs * kMs,
            look.inItem,     look.starved, look.slotsFull,          look.last};
}

QString text(const std::optional<StallObserver::Event> &event)
{
    if (!event)
        return {};
    QStringList words;
    if (event->found)
        words << u"found"_s;
    if (event->over)
        words << u"over %1 %2"_s.arg(event->durationNs / kMs).arg(name(event->cause));
    if (event->before > 0)
        words << u"after %1"_s.arg(event->before);
    if (event->over && !event->byLane)
        words << u"unseen"_s;
    return words.join(u' ');
}

constexpr media::TxHealth::Stall stall(int number, int ms, StallCause cause)
{
    return {number, ms * kMs, cause};
}

} // namespace

Q_DECLARE_METATYPE(QList<Look>)

class TestStallObserver : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void looks_data()
    {
        constexpr auto kLate = StallCause::WorkerLate;
        QTest::addColumn<QList<Look>>("looks");
        QTest::newRow("happy: a frame every 20 ms")
            << QList<Look>{{1000, 50, 990}, {1050, 48, 1050}, {1100, 45, 1090}, {1200, 40, 1190}};
        QTest::newRow("happy: an idle line")
            << QList<Look>{{1000, 0, 500, "", 0, {}, 400, false}, {9000, 0, 500, "", 0, {}, 400, false}};
        QTest::newRow("happy: the first frame after a pause")
            << QList<Look>{{9000, 0, 500, "", 0, {}, 400, false},
                           {9050, 50, 500, "", 0, {}, 9010, false},
                           {9130, 50, 500, "", 0, {}, 9010, false}, // 120 ms
                           {9140, 48, 9131, "", 0, {}, 9010}};
        QTest::newRow("happy: the next item after one that was said, by a late observer")
            << QList<Look>{{1000, 5, 990, "", 0, {}, 900}, {1400, 10, 1090, "", 0, {}, 1380, false}};
        QTest::newRow("happy: emptied by a clear") << QList<Look>{
            {1000, 50, 990}, {1100, 0, 990, "", 0, {}, 900, false}, {1300, 5, 990, "", 0, {}, 1290, false}};
        QTest::newRow("happy: in the middle of an item, and nothing is there") // perhaps only its end is late
            << QList<Look>{{1000, 1, 1000},
                           {1200, 0, 1020, "", 0, {}, 900, true, true},
                           {1250, 0, 1020, "", 0, {}, 900, false}};
        QTest::newRow("happy: exactly the limit") << QList<Look>{{1000, 50, 1000}, {1120, 50, 1000}};
        QTest::newRow("rainy: ready, nothing leaves, then it does")
            << QList<Look>{{1000, 50, 1000},
                           {1100, 50, 1000},
                           {1121, 50, 1000, "found"},
                           {1171, 50, 1000},
                           {1221, 49, 1210, "over 210 worker late", 0, stall(1, 210, kLate)},
                           {1271, 47, 1260, "", 0, stall(1, 210, kLate)}};
        QTest::newRow("rainy: never a frame at all")
            << QList<Look>{{1000, 50, 0, "", 0, {}, 980, false}, {1101, 50, 0, "found", 0, {}, 980, false}};
        QTest::newRow("rainy: shorter than a look")
            << QList<Look>{{1000, 50, 1000}, {1140, 49, 1130, "found over 130 worker late", 0, stall(1, 130, kLate)}};
        QTest::newRow("rainy: the model ran dry")
            << QList<Look>{{1000, 1, 1000},
                           {1100, 0, 1020},
                           {1400, 0, 1020},
                           {1450, 9, 1440, "found over 420 queue starved", 0, stall(1, 420, StallCause::Starved)}};
        QTest::newRow("rainy: once a stall, and again for the next")
            << QList<Look>{{1000, 50, 1000},
                           {1150, 50, 1000, "found"},
                           {1300, 50, 1000},
                           {1320, 49, 1310, "over 310 worker late", 0, stall(1, 310, kLate)},
                           {1450, 49, 1310, "found", 0, stall(1, 310, kLate)},
                           {1500, 49, 1310, "", 0, stall(1, 310, kLate)}};
        QTest::newRow("rainy: a full socket, cleared at last")
            << QList<Look>{{1000, 50, 1000},
                           {1150, 50, 1000, "found", 4},
                           {1250, 0, 1000, "over 240 socket full", 8, stall(1, 240, StallCause::SocketFull)}};
        QTest::newRow("rainy: full long ago, late now")
            << QList<Look>{{1000, 50, 1000, "", 7},
                           {1150, 50, 1000, "found", 7},
                           {1250, 0, 1000, "", 7},
                           {1300, 0, 1000, "over 250 worker late unseen", 7}};
        QTest::newRow("rainy: after a pause, cleared before the first frame")
            << QList<Look>{{9000, 0, 500, "", 0, {}, 400, false},
                           {9050, 50, 500, "", 0, {}, 9020, false},
                           {9141, 50, 500, "found", 0, {}, 9020, false},
                           {9200, 0, 500, "", 0, {}, 9020, false},
                           {9250, 0, 500, "over 180 worker late unseen", 0, {}, 9020, false},
                           {9300, 0, 500, "", 0, {}, 9020, false}};
        QTest::newRow("rainy: the frame is taken, and not yet sent") // one stall, not two
            << QList<Look>{{1000, 1, 1000},
                           {1150, 1, 1000, "found"},
                           {1200, 0, 1000},
                           {1250, 0, 1201, "over 201 worker late", 0, stall(1, 201, kLate)}};
        QTest::newRow("rainy: several since the last look") << QList<Look>{
            {1000, 50, 1000}, {1600, 50, 1590, "found over 150 worker late after 2", 0, stall(3, 150, kLate)}};
    }
    void looks()
    {
        QFETCH(QList<Look>, looks);
        StallObserver observer;
        for (const Look &look : looks) {
            const QString told = text(observer.observe(seen(look)));
            QVERIFY2(told == QLatin1StringView(look.told), qPrintable(u"at %1 ms: %2"_s.arg(look.atMs).arg(told)));
        }
    }
    void theCallEnds_data()
    {
        QTest::addColumn<QList<Look>>("looks");
        QTest::addColumn<QString>("told");
        const QList<Look> open{{1000, 50, 1000}, {1200, 50, 1000}};
        QTest::newRow("in a stall") << open + QList<Look>{{1300, 50, 1000}} << u"over 300 worker late unseen"_s;
        QTest::newRow("the lane knows of it")
            << open + QList<Look>{{1300, 0, 1000, "", 9, stall(1, 290, StallCause::SocketFull), 0, false}}
            << u"over 290 socket full"_s;
        QTest::newRow("in one that nobody has seen")
            << QList<Look>{{1000, 50, 1000}, {1150, 50, 1000}} << u"found over 150 worker late unseen"_s;
        QTest::newRow("the model had run dry")
            << QList<Look>{{1000, 0, 1000, "", 0, {}, 900, true, true}, {1700, 0, 1000, "", 0, {}, 900, true, true}}
            << u"found over 700 queue starved unseen"_s;
        QTest::newRow("all had been said")
            << QList<Look>{{1000, 1, 1000}, {1700, 0, 1020, "", 0, {}, 900, false}} << QString();
        QTest::newRow("in the middle of a sentence") << QList<Look>{{1000, 50, 1000}, {1050, 47, 1040}} << QString();
    }
    void theCallEnds()
    {
        QFETCH(QList<Look>, looks);
        QFETCH(QString, told);
        StallObserver observer;
        const Look last = looks.takeLast();
        for (const Look &look : looks)
            (void)observer.observe(seen(look));
        QCOMPARE(text(observer.end(seen(last))), told);
    }
    void howLongItLasts()
    {
        StallObserver observer;
        (void)observer.observe(seen({1000, 50, 1000}));
        QCOMPARE(observer.openForNs(1100 * kMs), 0);
        (void)observer.observe(seen({1150, 50, 1000}));
        QCOMPARE(observer.openForNs(1160 * kMs), 160 * kMs);
        (void)observer.observe(seen({1200, 50, 1190, "", 0, stall(1, 190, StallCause::WorkerLate)}));
        QCOMPARE(observer.openForNs(1200 * kMs), 0);
    }

    void quality_data()
    {
        QTest::addColumn<QList<int>>("gaps"); // ms, one a second
        QTest::addColumn<QString>("told");    // + recovered, - degraded, . nothing
        QTest::newRow("happy: a good line") << QList<int>{20, 21, 0, 39} << u"...."_s;
        QTest::newRow("happy: idle") << QList<int>{0, 0, 0, 0} << u"...."_s;
        QTest::newRow("happy: the limit") << QList<int>{120, 120} << u".."_s;
        QTest::newRow("rainy: once, then good for three seconds") << QList<int>{121, 20, 20, 20, 20} << u"-..+."_s;
        QTest::newRow("rainy: goes on") << QList<int>{200, 150, 300, 130} << u"-..."_s;
        QTest::newRow("rainy: what lies between is neither") << QList<int>{200, 60, 60, 60, 60, 60} << u"-....."_s;
        QTest::newRow("rainy: good must be in a row") << QList<int>{200, 20, 20, 60, 20, 20, 20} << u"-.....+"_s;
    }
    void quality()
    {
        QFETCH(QList<int>, gaps);
        QFETCH(QString, told);
        TxQuality quality;
        QString heard;
        for (const int ms : gaps) {
            const auto degraded = quality.degradedBy(ms * kMs);
            heard += !degraded ? u'.' : *degraded ? u'-' : u'+';
        }
        QCOMPARE(heard, told);
    }
};

QTEST_GUILESS_MAIN(TestStallObserver)
#include "tst_stallobserver.moc"
