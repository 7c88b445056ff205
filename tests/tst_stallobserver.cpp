// SPDX-License-Identifier: GPL-3.0-or-later
// Rule 9 of the beat on a simulated clock: what is a stall, and what the original took for one and is none.
#include "media/stallobserver.h"

#include <QTest>

using takt::media::StallObserver;

namespace {

constexpr qint64 kMs = 1'000'000;

struct Look {
    int atMs;
    int backlog;
    int lastSentMs;
    bool stall;
};

} // namespace

Q_DECLARE_METATYPE(QList<Look>)

class TestStallObserver : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void looks_data()
    {
        QTest::addColumn<QList<Look>>("looks");
        QTest::newRow("happy: a frame every 20 ms") << QList<Look>{
            {1000, 50, 990, false}, {1050, 48, 1050, false}, {1100, 45, 1090, false}, {1200, 40, 1190, false}};
        QTest::newRow("happy: an idle line")
            << QList<Look>{{1000, 0, 500, false}, {1200, 0, 500, false}, {9000, 0, 500, false}};
        QTest::newRow("happy: the first frame after a pause")
            << QList<Look>{{9000, 0, 500, false}, {9050, 50, 500, false}, {9100, 48, 9070, false}};
        QTest::newRow("happy: emptied by a clear")
            << QList<Look>{{1000, 50, 990, false}, {1100, 0, 990, false}, {1300, 5, 990, false}};
        QTest::newRow("happy: exactly the limit") << QList<Look>{{1000, 50, 1000, false}, {1120, 50, 1000, false}};
        QTest::newRow("rainy: ready and nothing leaves")
            << QList<Look>{{1000, 50, 1000, false}, {1100, 50, 1000, false}, {1121, 50, 1000, true}};
        QTest::newRow("rainy: never a frame at all") << QList<Look>{{1000, 50, 0, false}, {1121, 50, 0, true}};
        QTest::newRow("rainy: once a stall, and again for the next")
            << QList<Look>{{1000, 50, 1000, false}, {1150, 50, 1000, true}, {1300, 50, 1000, false},
                           {1320, 49, 1310, false}, {1450, 49, 1310, true}, {1500, 49, 1310, false}};
        QTest::newRow("rainy: after a pause")
            << QList<Look>{{9000, 0, 500, false}, {9050, 50, 500, false}, {9171, 50, 500, true}};
    }
    void looks()
    {
        QFETCH(QList<Look>, looks);
        StallObserver observer;
        for (const Look &look : looks) {
            const bool stall = observer.observe(look.atMs * kMs, look.backlog, look.lastSentMs * kMs);
            QVERIFY2(stall == look.stall, qPrintable(QStringLiteral("at %1 ms").arg(look.atMs)));
        }
    }
};

QTEST_GUILESS_MAIN(TestStallObserver)
#include "tst_stallobserver.moc"
