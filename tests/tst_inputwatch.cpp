// SPDX-License-Identifier: GPL-3.0-or-later
// When the carrier falls silent in the middle of the caller's words.
#include "calls/inputwatch.h"

#include <QTest>

using takt::calls::InputWatch;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kStart = 5'000 * kMs;

} // namespace

class TestInputWatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fills_data();
    void fills();
    void fillsAgainAndAgain();
    void stopsWhenAudioComesBack();
    void holes_data();
    void holes();
    void aFilledHoleCountsOnce();
};

void TestInputWatch::fills_data()
{
    QTest::addColumn<bool>("audio");
    QTest::addColumn<bool>("speaking");
    QTest::addColumn<qint64>("silentNs");
    QTest::addColumn<int>("fillMs");
    // happy: nothing to do
    QTest::newRow("audio flows") << true << true << 20 * kMs << 0;
    QTest::newRow("nobody speaks") << true << false << 60'000 * kMs << 0;
    QTest::newRow("no audio has ever come") << false << true << 60'000 * kMs << 0;
    // rainy
    QTest::newRow("just within patience") << true << true << 750 * kMs - 1 << 0;
    QTest::newRow("patience is over") << true << true << 750 * kMs << 1000;
    QTest::newRow("long after") << true << true << 60'000 * kMs << 1000;
}

void TestInputWatch::fills()
{
    QFETCH(bool, audio);
    QFETCH(bool, speaking);
    QFETCH(qint64, silentNs);
    QFETCH(int, fillMs);
    InputWatch watch;
    if (audio)
        watch.onAudio(kStart);
    watch.onSpeech(speaking);
    QCOMPARE(watch.onTick(kStart + silentNs), fillMs);
}

// The silence itself takes time: the next second is due 750 ms after it, not on the next tick.
void TestInputWatch::fillsAgainAndAgain()
{
    InputWatch watch;
    watch.onAudio(kStart);
    watch.onSpeech(true);
    int fills = 0;
    for (qint64 ms = 0; ms <= 3000; ms += 50)
        fills += watch.onTick(kStart + ms * kMs) > 0 ? 1 : 0;
    QCOMPARE(fills, 4); // at 750, 1500, 2250 and 3000 ms
}

void TestInputWatch::stopsWhenAudioComesBack()
{
    InputWatch watch;
    watch.onAudio(kStart);
    watch.onSpeech(true);
    QCOMPARE(watch.onTick(kStart + 800 * kMs), 1000);
    watch.onAudio(kStart + 1500 * kMs);
    QCOMPARE(watch.onTick(kStart + 1600 * kMs), 0);
    watch.onSpeech(false);
    QCOMPARE(watch.onTick(kStart + 60'000 * kMs), 0);
}

void TestInputWatch::holes_data()
{
    QTest::addColumn<int>("fills");
    QTest::addColumn<int>("holeMs");
    QTest::addColumn<int>("leftMs");
    // happy
    QTest::newRow("nothing was filled") << 0 << 100 << 100;
    QTest::newRow("part was filled") << 1 << 1500 << 500;
    QTest::newRow("all was filled") << 1 << 1000 << 0;
    QTest::newRow("two fills") << 2 << 2500 << 500;
    // rainy
    QTest::newRow("more was filled than is missing") << 2 << 800 << 0;
    QTest::newRow("no hole at all") << 1 << 0 << 0;
}

void TestInputWatch::holes()
{
    QFETCH(int, fills);
    QFETCH(int, holeMs);
    QFETCH(int, leftMs);
    InputWatch watch;
    watch.onAudio(kStart);
    watch.onSpeech(true);
    for (int i = 1; i <= fills; ++i)
        QCOMPARE(watch.onTick(kStart + i * 750 * kMs), 1000);
    QCOMPARE(watch.onHole(holeMs), leftMs);
}

void TestInputWatch::aFilledHoleCountsOnce()
{
    InputWatch watch;
    watch.onAudio(kStart);
    watch.onSpeech(true);
    QCOMPARE(watch.onTick(kStart + 750 * kMs), 1000);
    QCOMPARE(watch.onHole(1200), 200);
    QCOMPARE(watch.onHole(60), 60); // a later hole has nothing to do with that silence
}

QTEST_APPLESS_MAIN(TestInputWatch)
#include "tst_inputwatch.moc"
