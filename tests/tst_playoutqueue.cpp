// SPDX-License-Identifier: GPL-3.0-or-later
// The queue between model and caller: framing, generations, overflow, and two real threads.
#include "media/playoutqueue.h"

#include <QTest>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

using namespace takt::media;

namespace {

QByteArray pattern(int bytes, int seed = 0)
{
    QByteArray audio(bytes, Qt::Uninitialized);
    for (int i = 0; i < bytes; ++i)
        audio[i] = char((i * 7 + seed) & 0x7F); // never 0xFF: padding is seen as such
    return audio;
}

// Everything that the consumer gets, as text ("1:160 1:160 1:end"), and the audio itself.
struct Drained {
    QByteArray order;
    QByteArray audio;
};
Drained drain(PlayoutQueue &queue)
{
    Drained all;
    while (const PlayoutFrame *frame = queue.front()) {
        all.order += QByteArray::number(frame->item) + (frame->end ? ":end " : ":160 ");
        if (!frame->end)
            all.audio.append(reinterpret_cast<const char *>(frame->audio.data()), kFrameBytes);
        queue.pop();
    }
    all.order = all.order.trimmed();
    return all;
}

QByteArray toText(const std::vector<Unsent> &unsent)
{
    QByteArray text;
    for (const Unsent &u : unsent)
        text += QByteArray::number(u.item) + '*' + QByteArray::number(u.frames) + ' ';
    return text.trimmed();
}

} // namespace

class TestPlayoutQueue : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void framesChunksOfAnySize_data();
    void framesChunksOfAnySize();
    void itemsAndEnds_data();
    void itemsAndEnds();
    void bumpMakesEverythingStale();
    void unsentIsReportedPerItem();
    void overflowDropsTheOldest();
    void refusesBeyondTwiceTheCapacity();
    void depthCountsAudioOnly();
    void framesStayValidUntilPop();
    void twoThreadsKeepTheOrder_data();
    void twoThreadsKeepTheOrder();
};

void TestPlayoutQueue::framesChunksOfAnySize_data()
{
    QTest::addColumn<int>("chunk");
    for (const int chunk : {1, 2, 79, 80, 159, 160, 161, 319, 320, 321, 480, 1000, 1024, 2047, 3200, 4000})
        QTest::addRow("chunks of %d", chunk) << chunk;
    QTest::newRow("random chunks of 1..4000") << 0;
    QTest::newRow("empty chunks between") << -1;
}

void TestPlayoutQueue::framesChunksOfAnySize()
{
    QFETCH(int, chunk);
    constexpr int kTotal = 50'000; // 312 frames and 80 bytes
    std::mt19937 random(11);
    const QByteArray audio = pattern(kTotal);
    PlayoutQueue queue;
    for (int at = 0; at < kTotal;) {
        const int n = std::min(kTotal - at, chunk > 0 ? chunk : int(1 + random() % 4000));
        QCOMPARE(queue.append(1, QByteArrayView(audio).sliced(at, n)), 0);
        if (chunk < 0)
            QCOMPARE(queue.append(1, QByteArrayView()), 0);
        at += n;
        QCOMPARE(queue.depth(), at / kFrameBytes); // only whole frames are playable
    }
    queue.finish(1);
    const Drained all = drain(queue);
    QCOMPARE(all.audio.size(), 313 * kFrameBytes);
    QCOMPARE(all.audio.first(kTotal), audio);
    QCOMPARE(all.audio.sliced(kTotal), QByteArray(80, char(0xFF)));
    QVERIFY(all.order.endsWith("1:160 1:end"));
    QCOMPARE(queue.depth(), 0);
    QCOMPARE(queue.overflowed(), 0);
}

void TestPlayoutQueue::itemsAndEnds_data()
{
    // Steps: "ITEM+BYTES" appends, "ITEM." finishes. Then what the consumer sees.
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<QByteArray>("order");
    QTest::addColumn<int>("padding"); // bytes of 0xFF among the audio
    // happy
    QTest::newRow("nothing") << QByteArray("") << QByteArray("") << 0;
    QTest::newRow("whole frames") << QByteArray("1+320 1.") << QByteArray("1:160 1:160 1:end") << 0;
    QTest::newRow("a rest is padded at the end") << QByteArray("1+170 1.") << QByteArray("1:160 1:160 1:end") << 150;
    QTest::newRow("a rest waits for more") << QByteArray("1+170 1+150 1.") << QByteArray("1:160 1:160 1:end") << 0;
    QTest::newRow("unfinished: a rest stays") << QByteArray("1+170") << QByteArray("1:160") << 0;
    QTest::newRow("two items, one after the other")
        << QByteArray("1+100 1. 2+200 2.") << QByteArray("1:160 1:end 2:160 2:160 2:end") << 60 + 120;
    // rainy
    QTest::newRow("an item without audio") << QByteArray("1.") << QByteArray("1:end") << 0;
    // The end of an item may come late, when the next one has begun to fill a frame. How the two are then framed is the
    // queue's business ("*"), but not a byte may be lost.
    QTest::newRow("the next item begins before the end") << QByteArray("1+100 2+200 1. 2.") << QByteArray("*") << 0;
    QTest::newRow("and goes on behind it") << QByteArray("1+160 2+100 1. 2+60 2.") << QByteArray("*") << 0;
    QTest::newRow("the end of an item long gone") << QByteArray("1+160 1. 2+159 1. 2.") << QByteArray("*") << 0;
    QTest::newRow("items take turns") << QByteArray("1+80 2+80 1+80 1. 2.")
                                      << QByteArray("1:160 2:160 1:160 1:end 2:end") << 3 * 80;
    QTest::newRow("finished twice") << QByteArray("1+10 1. 1.") << QByteArray("1:160 1:end 1:end") << 150;
}

void TestPlayoutQueue::itemsAndEnds()
{
    QFETCH(QByteArray, steps);
    QFETCH(QByteArray, order);
    QFETCH(int, padding);
    PlayoutQueue queue;
    int bytes = 0;
    for (const QByteArray &step : steps.split(' ')) {
        if (step.isEmpty())
            continue;
        const auto item = ItemNumber(step.first(1).toUInt());
        if (step.endsWith('.')) {
            queue.finish(item);
        } else {
            const int n = step.sliced(2).toInt();
            QCOMPARE(queue.append(item, pattern(n)), 0);
            bytes += n;
        }
    }
    const Drained all = drain(queue);
    if (steps.endsWith('.'))
        QCOMPARE(all.audio.size() - all.audio.count(char(0xFF)), bytes); // not a byte is lost
    if (order == "*")
        return;
    QCOMPARE(all.audio.count(char(0xFF)), padding);
    QCOMPARE(all.order, order);
}

void TestPlayoutQueue::bumpMakesEverythingStale()
{
    PlayoutQueue queue;
    QCOMPARE(queue.generation(), 1U);
    QCOMPARE(queue.append(1, pattern(500)), 0); // three frames and 20 bytes
    QVERIFY(queue.front() != nullptr);
    QCOMPARE(queue.front()->generation, 1U);
    QCOMPARE(queue.bumpGeneration(), 2U);
    QCOMPARE(queue.generation(), 2U);
    QVERIFY(queue.front() == nullptr);
    QCOMPARE(queue.depth(), 0);
    // What had not filled a frame is gone as well: the next audio begins a frame of its own.
    QCOMPARE(queue.append(2, pattern(160, 3)), 0);
    const PlayoutFrame *frame = queue.front();
    QVERIFY(frame != nullptr);
    QCOMPARE(frame->generation, 2U);
    QCOMPARE(frame->item, 2U);
    QCOMPARE(QByteArray(reinterpret_cast<const char *>(frame->audio.data()), kFrameBytes), pattern(160, 3));
    // The new generation behind the old one: nothing of the old comes through, in whatever order the consumer looks.
    queue.pop();
    QCOMPARE(queue.append(3, pattern(320)), 0);
    queue.finish(3);
    QCOMPARE(queue.bumpGeneration(), 3U);
    QCOMPARE(queue.append(4, pattern(160)), 0);
    QCOMPARE(queue.depth(), 3); // the consumer has not looked yet
    QCOMPARE(drain(queue).order, QByteArray("4:160"));
    QCOMPARE(queue.overflowed(), 0); // stale is not overflow
}

void TestPlayoutQueue::unsentIsReportedPerItem()
{
    PlayoutQueue queue;
    QVERIFY(queue.flushStale().empty());
    QCOMPARE(queue.append(1, pattern(320)), 0);
    queue.finish(1);
    QVERIFY(queue.flushStale().empty()); // nothing is stale, nothing is removed
    QCOMPARE(queue.depth(), 2);
    queue.pop(); // one was sent
    QCOMPARE(queue.append(2, pattern(480)), 0);
    queue.finish(2);
    queue.finish(3);                            // had no audio
    QCOMPARE(queue.append(4, pattern(100)), 0); // never became a frame
    queue.bumpGeneration();
    QVERIFY(queue.front() == nullptr); // seen by the beat first: still reported
    QCOMPARE(queue.append(5, pattern(160)), 0);
    QCOMPARE(toText(queue.flushStale()), QByteArray("1*1 2*3 3*0"));
    QVERIFY(queue.flushStale().empty()); // once
    QCOMPARE(drain(queue).order, QByteArray("5:160"));
}

void TestPlayoutQueue::overflowDropsTheOldest()
{
    PlayoutQueue queue(10);
    QCOMPARE(queue.capacity(), 10);
    QByteArray audio;
    for (int i = 0; i < 15; ++i)
        audio += QByteArray(kFrameBytes, char(i));
    QCOMPARE(queue.append(1, audio), 0);
    QCOMPARE(queue.depth(), 15);
    const PlayoutFrame *frame = queue.front();
    QCOMPARE(int(frame->audio[0]), 5); // the five oldest are gone
    QCOMPARE(queue.overflowed(), 5);
    QCOMPARE(queue.depth(), 10);
    QCOMPARE(drain(queue).audio, audio.sliced(5 * kFrameBytes));
    QCOMPARE(queue.overflowed(), 5);
    QCOMPARE(queue.append(1, audio.first(10 * kFrameBytes)), 0); // exactly full: nothing is dropped
    QCOMPARE(drain(queue).audio.size(), 10 * kFrameBytes);
    QCOMPARE(queue.overflowed(), 5);
}

void TestPlayoutQueue::refusesBeyondTwiceTheCapacity()
{
    PlayoutQueue queue(10);
    QCOMPARE(queue.append(1, pattern(20 * kFrameBytes)), 0);
    QCOMPARE(queue.append(1, pattern(3 * kFrameBytes)), 3);
    QCOMPARE(queue.append(1, pattern(80)), 0);
    QCOMPARE(queue.append(2, pattern(80)), 1); // the rest of the item before, padded
    QCOMPARE(queue.depth(), 20);
    queue.finish(2); // an end always fits: else nobody would learn of it
    const Drained all = drain(queue);
    QCOMPARE(all.audio.size(), 10 * kFrameBytes);
    QVERIFY(all.order.endsWith("2:end"));
    QCOMPARE(queue.overflowed(), 10);
    QCOMPARE(queue.append(2, pattern(kFrameBytes)), 0); // room again
    QCOMPARE(queue.depth(), 1);
}

void TestPlayoutQueue::depthCountsAudioOnly()
{
    PlayoutQueue queue(2);
    for (ItemNumber item = 1; item <= 50; ++item)
        queue.finish(item);
    QCOMPARE(queue.depth(), 0);
    QCOMPARE(queue.append(51, pattern(3 * kFrameBytes)), 0); // one too many
    QCOMPARE(queue.depth(), 3);
    const Drained all = drain(queue);
    QCOMPARE(all.order.count(":end"), 50); // ends are no overflow, and are not dropped by one
    QVERIFY(all.order.endsWith("50:end 51:160 51:160"));
    QCOMPARE(queue.overflowed(), 1);
}

void TestPlayoutQueue::framesStayValidUntilPop()
{
    PlayoutQueue queue;
    QCOMPARE(queue.append(1, pattern(kFrameBytes)), 0);
    const PlayoutFrame *frame = queue.front();
    QCOMPARE(queue.append(1, pattern(1000 * kFrameBytes, 5)), 0); // the queue grows underneath
    QCOMPARE(queue.front(), frame);
    QCOMPARE(QByteArray(reinterpret_cast<const char *>(frame->audio.data()), kFrameBytes), pattern(kFrameBytes));
}

void TestPlayoutQueue::twoThreadsKeepTheOrder_data()
{
    QTest::addColumn<int>("bumpEvery"); // chunks; 0: never
    QTest::newRow("no barge-in") << 0;
    QTest::newRow("a barge-in every 50 chunks") << 50;
    QTest::newRow("a barge-in every other chunk") << 2;
}

// Bounded by counts: the producer waits for room, the consumer until the last end has come.
void TestPlayoutQueue::twoThreadsKeepTheOrder()
{
    QFETCH(int, bumpEvery);
    constexpr int kChunks = 4000;
    constexpr ItemNumber kLast = 1'000'000;
    PlayoutQueue queue(500);
    qint64 produced = 0;
    std::thread producer([&] {
        std::mt19937 random(5);
        for (int i = 1; i <= kChunks; ++i) {
            while (queue.depth() > 400)
                std::this_thread::yield();
            if (bumpEvery > 0 && i % bumpEvery == 0)
                queue.bumpGeneration();
            // An item a generation; its bytes count on through the whole item.
            QByteArray audio(int(1 + random() % 2000), Qt::Uninitialized);
            if (bumpEvery > 0 && i % bumpEvery == 0)
                produced = 0;
            for (char &c : audio)
                c = char(produced++ % 251);
            queue.append(queue.generation(), audio);
        }
        queue.finish(queue.generation());
        queue.finish(kLast);
    });
    qint64 consumed = 0;
    qint64 wrong = 0;
    quint32 generation = 1;
    for (bool over = false; !over;) {
        const PlayoutFrame *frame = queue.front();
        if (frame == nullptr)
            continue;
        over = frame->end && frame->item == kLast;
        if (frame->generation < generation)
            ++wrong; // stale
        if (frame->generation != generation)
            consumed = 0;
        generation = frame->generation;
        for (int i = 0; !frame->end && i < kFrameBytes; ++i, ++consumed)
            wrong += frame->audio[std::size_t(i)] != consumed % 251 && frame->audio[std::size_t(i)] != 0xFF ? 1 : 0;
        queue.pop();
    }
    producer.join();
    QCOMPARE(wrong, 0);
    QCOMPARE(generation, queue.generation());
    QCOMPARE(queue.overflowed(), 0);
    QCOMPARE(queue.depth(), 0);
    // Of the last generation every byte arrived, the last frame padded.
    QCOMPARE(consumed, (produced + kFrameBytes - 1) / kFrameBytes * kFrameBytes);
}

QTEST_APPLESS_MAIN(TestPlayoutQueue)
#include "tst_playoutqueue.moc"
