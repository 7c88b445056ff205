// SPDX-License-Identifier: GPL-3.0-or-later
// The caller's time line: what becomes of frames that are lost, repeated, late or from another clock.
#include "carrier/rxtimeline.h"

#include <QList>
#include <QTest>

#include <limits>

using takt::carrier::RxTimeline;

namespace {

constexpr int kFrame = 160;

struct Step {
    qint64 timestampMs;
    bool accept;
    int padMs;
    qint64 bytes = kFrame;
};
using Steps = QList<Step>;

} // namespace

Q_DECLARE_METATYPE(Steps)

class TestRxTimeline : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void follows_data();
    void follows();
    void everyLossIsFilledToTheMillisecond();
};

void TestRxTimeline::follows_data()
{
    QTest::addColumn<Steps>("steps");
    // happy
    QTest::newRow("the first is not 0 and needs no padding") << Steps{{171, true, 0}, {191, true, 0}, {211, true, 0}};
    QTest::newRow("the first is 0") << Steps{{0, true, 0}, {20, true, 0}};
    QTest::newRow("frames of other lengths") << Steps{{100, true, 0, 80}, {110, true, 0, 320}, {150, true, 0, 160}};
    QTest::newRow("wobble of less than a frame")
        << Steps{{100, true, 0}, {121, true, 0}, {139, true, 0}, {178, true, 0}, {180, true, 0}, {219, true, 0}};
    // rainy: gaps
    QTest::newRow("one frame lost") << Steps{{100, true, 0}, {140, true, 20}, {160, true, 0}};
    QTest::newRow("just under a frame is wobble") << Steps{{100, true, 0}, {139, true, 0}};
    QTest::newRow("just over a frame is a gap") << Steps{{100, true, 0}, {141, true, 21}};
    QTest::newRow("five seconds lost") << Steps{{100, true, 0}, {5120, true, 5000}, {5140, true, 0}};
    QTest::newRow("ten seconds lost") << Steps{{100, true, 0}, {10'120, true, 10'000}, {10'140, true, 0}};
    QTest::newRow("more is capped at ten seconds") << Steps{{100, true, 0}, {10'121, true, 10'000}, {10'141, true, 0}};
    QTest::newRow("an hour is capped as well")
        << Steps{{100, true, 0}, {3'600'000, true, 10'000}, {3'600'020, true, 0}};
    QTest::newRow("two gaps") << Steps{{100, true, 0}, {160, true, 40}, {180, true, 0}, {300, true, 100}};
    // rainy: repeated and out of order
    QTest::newRow("the same frame twice") << Steps{{100, true, 0}, {120, true, 0}, {120, false, 0}, {140, true, 0}};
    QTest::newRow("the first frame twice") << Steps{{100, true, 0}, {100, false, 0}, {120, true, 0}};
    QTest::newRow("late after its gap was filled")
        << Steps{{100, true, 0}, {140, true, 20}, {120, false, 0}, {160, true, 0}};
    QTest::newRow("a whole run once more") << Steps{{100, true, 0},  {120, true, 0},  {140, true, 0}, {100, false, 0},
                                                    {120, false, 0}, {140, false, 0}, {160, true, 0}};
    QTest::newRow("back by ten seconds is late") << Steps{{20'000, true, 0}, {10'020, false, 0}, {20'020, true, 0}};
    // rainy: the carrier's clock begins anew
    QTest::newRow("back by more is a restart") << Steps{{20'000, true, 0}, {10'019, true, 0}, {10'039, true, 0}};
    QTest::newRow("restart at zero") << Steps{{3'600'000, true, 0}, {0, true, 0}, {20, true, 0}, {60, true, 20}};
    QTest::newRow("a stamp beyond all streams is dropped and moves nothing") // its end would overflow
        << Steps{{100, true, 0}, {std::numeric_limits<qint64>::max(), false, 0}, {120, true, 0}};
    QTest::newRow("and if it is the first") << Steps{{std::numeric_limits<qint64>::max(), false, 0}, {100, true, 0}};
    QTest::newRow("the last stamp that is believed")
        << Steps{{100, true, 0}, {RxTimeline::kMaxTimestampMs, true, 10'000}, {100, true, 0}, {120, true, 0}};
}

void TestRxTimeline::follows()
{
    QFETCH(Steps, steps);
    RxTimeline line;
    for (const Step &step : steps) {
        const RxTimeline::Verdict verdict = line.onMedia(step.timestampMs, step.bytes);
        const QByteArray where = "at " + QByteArray::number(step.timestampMs) + " ms: accept "
                                 + QByteArray::number(verdict.accept) + ", pad " + QByteArray::number(verdict.padMs);
        QVERIFY2(verdict.accept == step.accept && verdict.padMs == step.padMs, where.constData());
    }
}

// Whatever is lost: accepted audio and padding together are as long as the time that passed.
void TestRxTimeline::everyLossIsFilledToTheMillisecond()
{
    RxTimeline line;
    qint64 appendedMs = 0;
    quint32 random = 1;
    qint64 last = 0;
    for (qint64 ts = 100; ts < 600'000; ts += 20) {
        random = random * 1664525U + 1013904223U;
        if (ts > 100 && (random >> 24) < 80)
            continue; // lost
        const RxTimeline::Verdict verdict = line.onMedia(ts, kFrame);
        QVERIFY(verdict.accept);
        appendedMs += verdict.padMs + 20;
        last = ts;
        if ((random >> 24) > 230) { // and some arrive twice
            QVERIFY(!line.onMedia(ts, kFrame).accept);
        }
    }
    QCOMPARE(appendedMs, last + 20 - 100);
}

QTEST_APPLESS_MAIN(TestRxTimeline)
#include "tst_rxtimeline.moc"
