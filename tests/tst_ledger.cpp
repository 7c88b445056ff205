// SPDX-License-Identifier: GPL-3.0-or-later
// What was sent and what was heard, on a simulated clock.
#include "media/ledger.h"

#include <QTest>

#include <random>

using namespace takt::media;

namespace {

constexpr qint64 kMs = kNsPerMs;
constexpr qint64 kStart = 1'000'000 * kMs;

// Sends `frames` of an item on the beat from `ns` on; returns the positions that got a mark.
QList<qint64> send(PlaybackLedger &ledger, ItemNumber item, int frames, qint64 ns = kStart)
{
    QList<qint64> marks;
    for (int i = 0; i < frames; ++i) {
        if (const auto mark = ledger.sent(item, ns + i * kFrameNs))
            marks << *mark;
    }
    return marks;
}

ItemPlayback only(const PlaybackLedger &ledger, qint64 ns)
{
    const auto all = ledger.snapshot(ns);
    return all.size() == 1 ? all.front() : ItemPlayback{0, -1, -1, -1, false};
}

} // namespace

class TestLedger : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void marksAreParsed_data();
    void marksAreParsed();
    void marksSurviveARoundTrip_data();
    void marksSurviveARoundTrip();
    void marksAreDue_data();
    void marksAreDue();
    void heardByTheClockAlone_data();
    void heardByTheClockAlone();
    void heardByMarks_data();
    void heardByMarks();
    void aRepeatedEchoTakesNothingBack();
    void foreignMarksChangeNothing_data();
    void foreignMarksChangeNothing();
    void aLeadIsNotHeardYet();
    void aPauseIsNotHeard();
    void itemsInARow();
    void unsentFramesCountAsGenerated();
    void lastEchoAfterTheEnd();
    void lastEchoBeforeTheEnd();
    void endOfAnUnknownItem();
    void resetForgets();
    void alwaysBetweenConfirmedAndSent();
};

void TestLedger::marksAreParsed_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("ours");
    // happy
    QTest::newRow("ours") << QByteArray("g3:7:1480") << true;
    QTest::newRow("highest") << QByteArray("g4294967295:4294967295:9223372036854775807") << true;
    // rainy
    for (const char *name : {"",
                             "g",
                             "3:7:1480",
                             "G3:7:1480",
                             "g3:7",
                             "g3:7:",
                             "g:7:20",
                             "g3::20",
                             "g3:7:20:",
                             "g3:7:20:9",
                             "g3:7:20 ",
                             " g3:7:20",
                             "g 3:7:20",
                             "g3 :7:20",
                             "g3:7:2O",
                             "g3:7:0x14",
                             "g3:7:20.5",
                             "g3;7;20",
                             "g-3:7:20",
                             "g3:-7:20",
                             "g3:7:-20",
                             "g+3:7:20",
                             "g4294967296:7:20",
                             "g3:4294967296:20",
                             "g3:7:9223372036854775808",
                             "responsePart",
                             "done:item_1",
                             ":::",
                             "g::",
                             "gg3:7:20"})
        QTest::addRow("\"%s\"", name) << QByteArray(name) << false;
    QTest::newRow("a zero byte") << QByteArray("g3:7:20\0", 8) << false;
    QTest::newRow("very long") << "g3:7:" + QByteArray(100'000, '1') << false;
}

void TestLedger::marksAreParsed()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, ours);
    QCOMPARE(parseMark(name).has_value(), ours);
}

void TestLedger::marksSurviveARoundTrip_data()
{
    QTest::addColumn<quint32>("generation");
    QTest::addColumn<quint32>("item");
    QTest::addColumn<qint64>("positionMs");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("documented") << 3U << 7U << qint64(1480) << QByteArray("g3:7:1480");
    QTest::newRow("zeros") << 0U << 0U << qint64(0) << QByteArray("g0:0:0");
    QTest::newRow("highest") << 0xFFFFFFFFU << 0xFFFFFFFFU << (qint64(1) << 62)
                             << QByteArray("g4294967295:4294967295:4611686018427387904");
}

void TestLedger::marksSurviveARoundTrip()
{
    QFETCH(quint32, generation);
    QFETCH(quint32, item);
    QFETCH(qint64, positionMs);
    QFETCH(QByteArray, name);
    QCOMPARE(toName({generation, item, positionMs}), name);
    const auto mark = parseMark(name);
    QVERIFY(mark);
    QCOMPARE(mark->generation, generation);
    QCOMPARE(mark->item, item);
    QCOMPARE(mark->positionMs, positionMs);
}

void TestLedger::marksAreDue_data()
{
    QTest::addColumn<int>("frames");
    QTest::addColumn<QList<qint64>>("marks");
    QTest::addColumn<qint64>("last"); // returned by ended(); -1: a mark stands there already
    QTest::newRow("one frame") << 1 << QList<qint64>{20} << qint64(-1);
    QTest::newRow("two frames") << 2 << QList<qint64>{20} << qint64(40);
    QTest::newRow("one second") << 50 << QList<qint64>{20} << qint64(1000);
    QTest::newRow("a second after the first mark") << 51 << QList<qint64>{20, 1020} << qint64(-1);
    QTest::newRow("just after") << 52 << QList<qint64>{20, 1020} << qint64(1040);
    QTest::newRow("ten seconds") << 500 << QList<qint64>{20, 1020, 2020, 3020, 4020, 5020, 6020, 7020, 8020, 9020}
                                 << qint64(10'000);
}

void TestLedger::marksAreDue()
{
    QFETCH(int, frames);
    QFETCH(QList<qint64>, marks);
    QFETCH(qint64, last);
    PlaybackLedger ledger;
    QCOMPARE(send(ledger, 1, frames), marks);
    QCOMPARE(ledger.ended(1).value_or(-1), last);
}

void TestLedger::heardByTheClockAlone_data()
{
    QTest::addColumn<qint64>("afterNs"); // since the first frame of 100
    QTest::addColumn<qint64>("heardMs");
    QTest::newRow("at the first frame") << qint64(0) << qint64(0);
    QTest::newRow("in the first frame") << 19 * kMs << qint64(19);
    QTest::newRow("on the beat") << 500 * kMs << qint64(500);
    QTest::newRow("rounded down") << 500 * kMs + kMs - 1 << qint64(500);
    QTest::newRow("at the end") << 2000 * kMs << qint64(2000);
    QTest::newRow("never more than sent") << 60'000 * kMs << qint64(2000);
}

void TestLedger::heardByTheClockAlone()
{
    QFETCH(qint64, afterNs);
    QFETCH(qint64, heardMs);
    PlaybackLedger ledger;
    const int sentBefore = int(std::min<qint64>(100, afterNs / kFrameNs + 1));
    send(ledger, 1, sentBefore);
    const ItemPlayback item = only(ledger, kStart + afterNs);
    QCOMPARE(item.heardMs, heardMs);
    QCOMPARE(item.sentMs, sentBefore * 20);
    QVERIFY(!item.complete);
}

void TestLedger::heardByMarks_data()
{
    // 100 frames were sent by 1980 ms. Echoes: position at ms. What is known at 2000 ms.
    QTest::addColumn<QList<QPair<qint64, qint64>>>("echoes");
    QTest::addColumn<qint64>("heardMs");
    using Echoes = QList<QPair<qint64, qint64>>;
    // happy
    QTest::newRow("the first, at once") << Echoes{{20, 20}} << qint64(2000);
    QTest::newRow("the first, after 60 ms on the way") << Echoes{{20, 80}} << qint64(1940);
    QTest::newRow("the second corrects") << Echoes{{20, 80}, {1020, 1200}} << qint64(1820);
    // rainy
    QTest::newRow("the carrier lags far behind") << Echoes{{20, 1500}} << qint64(520);
    QTest::newRow("confirmed this moment") << Echoes{{1020, 2000}} << qint64(1020);
    QTest::newRow("overtaken by a newer one") << Echoes{{1020, 1200}, {20, 1300}} << qint64(1820);
    QTest::newRow("faster than real time: believed, but no more than sent") << Echoes{{1020, 30}} << qint64(2000);
    QTest::newRow("the last one early") << Echoes{{2000, 1980}} << qint64(2000);
}

void TestLedger::heardByMarks()
{
    using Echoes = QList<QPair<qint64, qint64>>;
    QFETCH(Echoes, echoes);
    QFETCH(qint64, heardMs);
    PlaybackLedger ledger;
    send(ledger, 1, 100);
    for (const auto &[position, ms] : echoes)
        QVERIFY(!ledger.heard({1, 1, position}, kStart + ms * kMs)); // the item goes on: not to its end
    QCOMPARE(only(ledger, kStart + 2000 * kMs).heardMs, heardMs);
}

// The same echo once more says nothing new; in particular not that the clock begins anew.
void TestLedger::aRepeatedEchoTakesNothingBack()
{
    PlaybackLedger ledger;
    send(ledger, 1, 100);
    QVERIFY(!ledger.heard({1, 1, 1020}, kStart + 1100 * kMs));
    const qint64 before = only(ledger, kStart + 1800 * kMs).heardMs;
    QCOMPARE(before, 1720);
    QVERIFY(!ledger.heard({1, 1, 1020}, kStart + 1800 * kMs));
    QCOMPARE(only(ledger, kStart + 1800 * kMs).heardMs, before);
}

void TestLedger::foreignMarksChangeNothing_data()
{
    QTest::addColumn<quint32>("item");
    QTest::addColumn<qint64>("positionMs");
    QTest::newRow("an item that was never sent") << 2U << qint64(20);
    QTest::newRow("item 0") << 0U << qint64(20);
    QTest::newRow("beyond what was sent") << 1U << qint64(1001);
    QTest::newRow("far beyond") << 1U << std::numeric_limits<qint64>::max();
    QTest::newRow("negative") << 1U << qint64(-20);
}

void TestLedger::foreignMarksChangeNothing()
{
    QFETCH(quint32, item);
    QFETCH(qint64, positionMs);
    PlaybackLedger ledger;
    send(ledger, 1, 50);
    QVERIFY(!ledger.heard({1, 1, 20}, kStart + 60 * kMs));
    const qint64 before = only(ledger, kStart + 700 * kMs).heardMs;
    QVERIFY(!ledger.heard({1, item, positionMs}, kStart + 650 * kMs));
    QCOMPARE(only(ledger, kStart + 700 * kMs).heardMs, before);
}

// tx.lead_ms: frames that were sent ahead lie in the carrier's buffer.
void TestLedger::aLeadIsNotHeardYet()
{
    PlaybackLedger ledger;
    for (int i = 0; i < 10; ++i) // 200 ms of audio within 95 ms
        ledger.sent(1, kStart + i * 10'500'000LL);
    QCOMPARE(only(ledger, kStart + 95 * kMs).heardMs, 95);
    QCOMPARE(only(ledger, kStart + 95 * kMs).sentMs, 200);
    QVERIFY(ledger.playing(kStart + 199 * kMs));
    QCOMPARE(only(ledger, kStart + 200 * kMs).heardMs, 200);
}

// The model came late: between two spurts of one item nothing was played.
void TestLedger::aPauseIsNotHeard()
{
    PlaybackLedger ledger;
    send(ledger, 1, 10);
    send(ledger, 1, 10, kStart + 1000 * kMs);
    QCOMPARE(only(ledger, kStart + 1180 * kMs).heardMs, 380);
    QCOMPARE(only(ledger, kStart + 1200 * kMs).heardMs, 400);
}

void TestLedger::itemsInARow()
{
    PlaybackLedger ledger;
    send(ledger, 1, 10);
    QVERIFY(ledger.ended(1));
    for (int i = 0; i < 5; ++i) // sent ahead of its turn: item 1 is still being played
        ledger.sent(2, kStart + 180 * kMs);
    auto all = ledger.snapshot(kStart + 190 * kMs);
    QCOMPARE(all.size(), std::size_t(2));
    QCOMPARE(all[0].item, 1U);
    QCOMPARE(all[0].heardMs, 190);
    QVERIFY(all[0].complete);
    QCOMPARE(all[1].item, 2U);
    QCOMPARE(all[1].heardMs, 0);
    QCOMPARE(all[1].sentMs, 100);
    QVERIFY(!all[1].complete);
    QCOMPARE(ledger.heard({1, 1, 200}, kStart + 230 * kMs), std::optional<ItemNumber>(1));
    all = ledger.snapshot(kStart + 250 * kMs);
    QCOMPARE(all.size(), std::size_t(1));
    QCOMPARE(all[0].heardMs, 50);
}

void TestLedger::unsentFramesCountAsGenerated()
{
    PlaybackLedger ledger;
    send(ledger, 1, 10);
    ledger.unsent({1, 30});
    ledger.unsent({1, 5});
    ledger.unsent({2, 7}); // not a frame of it had left
    const auto all = ledger.snapshot(kStart + 1000 * kMs);
    QCOMPARE(all.size(), std::size_t(2));
    QCOMPARE(all[0].generatedMs, 900);
    QCOMPARE(all[0].sentMs, 200);
    QCOMPARE(all[0].heardMs, 200); // never what was not sent
    QCOMPARE(all[1].item, 2U);
    QCOMPARE(all[1].generatedMs, 140);
    QCOMPARE(all[1].sentMs, 0);
    QCOMPARE(all[1].heardMs, 0);
}

void TestLedger::lastEchoAfterTheEnd()
{
    PlaybackLedger ledger;
    QCOMPARE(send(ledger, 1, 10), QList<qint64>{20});
    QCOMPARE(ledger.ended(1), std::optional<qint64>(200));
    QVERIFY(!ledger.heard({1, 1, 20}, kStart + 60 * kMs));
    QVERIFY(!ledger.heard({1, 1, 180}, kStart + 220 * kMs)); // not to its end
    QVERIFY(ledger.playing(kStart + 10'000 * kMs));          // nobody has said otherwise
    QCOMPARE(ledger.heard({1, 1, 200}, kStart + 240 * kMs), std::optional<ItemNumber>(1));
    QVERIFY(!ledger.heard({1, 1, 200}, kStart + 250 * kMs)); // once
    QVERIFY(ledger.snapshot(kStart + 250 * kMs).empty());
    QVERIFY(!ledger.playing(kStart + 250 * kMs));
}

// A mark happened to stand on the item's last frame, and came back before the model said that the item was complete.
// Somebody must still learn that the item was heard to its end: by another mark, as here, whose echo says so.
void TestLedger::lastEchoBeforeTheEnd()
{
    PlaybackLedger ledger;
    QCOMPARE(send(ledger, 1, 1), QList<qint64>{20});
    QVERIFY(!ledger.heard({1, 1, 20}, kStart + 60 * kMs)); // more may come
    const auto mark = ledger.ended(1);
    QVERIFY2(mark, "nobody will ever be told that the item was heard");
    QCOMPARE(*mark, 20);
    QCOMPARE(ledger.heard({1, 1, 20}, kStart + 120 * kMs), std::optional<ItemNumber>(1));
    QVERIFY(!ledger.playing(kStart + 120 * kMs));
}

void TestLedger::endOfAnUnknownItem()
{
    PlaybackLedger ledger;
    QVERIFY(!ledger.ended(1)); // an item without audio
    QVERIFY(ledger.snapshot(kStart).empty());
    QVERIFY(!ledger.playing(kStart));
}

void TestLedger::resetForgets()
{
    PlaybackLedger ledger;
    send(ledger, 1, 50);
    ledger.unsent({2, 3});
    ledger.reset();
    QVERIFY(ledger.snapshot(kStart + 1000 * kMs).empty());
    QVERIFY(!ledger.playing(kStart + 500 * kMs)); // the carrier's buffer was cleared
    QVERIFY(!ledger.heard({1, 1, 20}, kStart + 500 * kMs));
    // What comes next is played at once, not behind what was cleared.
    QCOMPARE(send(ledger, 3, 5, kStart + 500 * kMs), QList<qint64>{20});
    QCOMPARE(only(ledger, kStart + 540 * kMs).heardMs, 40);
}

void TestLedger::alwaysBetweenConfirmedAndSent()
{
    for (quint32 seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        PlaybackLedger ledger;
        qint64 now = kStart;
        qint64 confirmed = 0;
        int frames = 0;
        for (int step = 0; step < 500; ++step) {
            now += qint64(random() % 60) * kMs;
            if (frames == 0 || random() % 2 == 0) {
                ledger.sent(9, now);
                ++frames;
            } else if (random() % 10 == 0) {
                const qint64 position = qint64(random() % unsigned(frames + 3)) * 20; // now and then a false one
                QVERIFY(!ledger.heard({1, 9, position}, now));
                if (position <= frames * 20)
                    confirmed = std::max(confirmed, position);
            }
            const ItemPlayback item = only(ledger, now);
            QCOMPARE(item.sentMs, frames * 20);
            QVERIFY(item.heardMs >= confirmed);
            QVERIFY(item.heardMs <= item.sentMs);
            QVERIFY(item.heardMs <= (now - kStart) / kMs || item.heardMs == confirmed); // no faster than time
        }
    }
}

QTEST_APPLESS_MAIN(TestLedger)
#include "tst_ledger.moc"
