// SPDX-License-Identifier: GPL-3.0-or-later
// Lateness by size: where the bounds are, how exact a percentile is, and that reading while the beat goes on is safe.
#include "media/latenesshistogram.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>

using takt::media::LatenessHistogram;
using Snapshot = LatenessHistogram::Snapshot;

namespace {

constexpr qint64 kUs = 1000;
constexpr qint64 kMs = 1'000'000;
constexpr qint64 kEndNs = 4'194'304 * kUs; // of the last octave

Snapshot of(std::initializer_list<qint64> lateNs)
{
    LatenessHistogram histogram;
    for (const qint64 late : lateNs)
        histogram.record(late);
    return histogram.snapshot();
}

int onlyBucket(const Snapshot &snapshot)
{
    for (int i = 0; i < LatenessHistogram::kBuckets; ++i) {
        if (snapshot.counts[std::size_t(i)] == snapshot.count)
            return i;
    }
    return -1;
}

} // namespace

class TestLatenessHistogram : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void buckets_data()
    {
        constexpr int last = LatenessHistogram::kBuckets - 1;
        QTest::addColumn<qint64>("lateNs");
        QTest::addColumn<int>("bucket");
        QTest::newRow("on time") << qint64(0) << 0;
        QTest::newRow("one nanosecond") << qint64(1) << 0;
        QTest::newRow("16 us: a bound belongs below") << 16 * kUs << 0;
        QTest::newRow("just over 16 us") << 16 * kUs + 1 << 1;
        QTest::newRow("18 us") << 18 * kUs << 1;
        QTest::newRow("just over 18 us") << 18 * kUs + 1 << 2;
        QTest::newRow("32 us") << 32 * kUs << 8;
        QTest::newRow("just over 32 us") << 32 * kUs + 1 << 9;
        QTest::newRow("36 us") << 36 * kUs << 9;
        QTest::newRow("the end") << kEndNs << last - 1;
        QTest::newRow("over the end") << kEndNs + 1 << last;
        QTest::newRow("rainy: early") << qint64(-5) << 0;
        QTest::newRow("rainy: a year") << 365 * qint64(86'400) * 1000 * kMs << last;
        QTest::newRow("rainy: the most") << std::numeric_limits<qint64>::max() << last;
        QTest::newRow("rainy: the least") << std::numeric_limits<qint64>::min() << 0;
    }
    void buckets()
    {
        QFETCH(qint64, lateNs);
        QFETCH(int, bucket);
        const Snapshot snapshot = of({lateNs});
        QCOMPARE(snapshot.count, 1);
        QCOMPARE(onlyBucket(snapshot), bucket);
        QVERIFY(snapshot.sumNs >= 0);
    }

    void boundsRiseAndEachIsInItsOwnBucket()
    {
        for (int bucket = 0; bucket < LatenessHistogram::kBuckets - 1; ++bucket) {
            const double bound = LatenessHistogram::upperBoundMs(bucket);
            QVERIFY(bound < LatenessHistogram::upperBoundMs(bucket + 1));
            const qint64 ns = qRound64(bound * double(kMs));
            QCOMPARE(onlyBucket(of({ns})), bucket);
            QCOMPARE(onlyBucket(of({ns + 1})), bucket + 1);
        }
        QVERIFY(std::isinf(LatenessHistogram::upperBoundMs(LatenessHistogram::kBuckets - 1)));
        QCOMPARE(LatenessHistogram::octaveBoundMs(0), 0.016);
        QCOMPARE(LatenessHistogram::octaveBoundMs(LatenessHistogram::kOctaves), 4194.304);
    }

    // Never less than the truth, and at most an eighth more.
    void aPercentileIsNearTheTruth()
    {
        for (qint64 late = 16 * kUs + 1; late <= kEndNs; late += 1 + late / 61) {
            const double trueMs = double(late) / double(kMs);
            const double saidMs = of({late}).percentileMs(0.5);
            QVERIFY2(saidMs >= trueMs && saidMs <= 1.13 * trueMs, qPrintable(QString::number(late)));
        }
    }

    void percentiles()
    {
        LatenessHistogram histogram;
        for (int i = 0; i < 990; ++i)
            histogram.record(100 * kUs); // its bucket: 96 to 104 us
        for (int i = 0; i < 10; ++i)
            histogram.record(7 * kMs); // 6.656 to 7.168 ms
        const Snapshot snapshot = histogram.snapshot();
        QCOMPARE(snapshot.percentileMs(0), 0.104);
        QCOMPARE(snapshot.percentileMs(0.5), 0.104);
        QCOMPARE(snapshot.percentileMs(0.99), 0.104);
        QCOMPARE(snapshot.percentileMs(0.9905), 7.168);
        QCOMPARE(snapshot.percentileMs(0.991), 7.168);
        QCOMPARE(snapshot.percentileMs(1), 7.168);
        QCOMPARE(snapshot.percentileMs(7), 7.168);
        QCOMPARE(snapshot.count, 1000);
        QCOMPARE(snapshot.sumNs, 990 * 100 * kUs + 10 * 7 * kMs);
        QCOMPARE(Snapshot().percentileMs(0.99), 0);
        QCOMPARE(of({kEndNs + 1}).percentileMs(0.5), 4194.304);
    }

    void twoWorkersAddUp()
    {
        Snapshot sum = of({10 * kUs, 1 * kMs});
        sum.add(of({1 * kMs, 5000 * kMs}));
        const Snapshot together = of({10 * kUs, 1 * kMs, 1 * kMs, 5000 * kMs});
        QCOMPARE(sum.count, 4);
        QCOMPARE(sum.sumNs, together.sumNs);
        QVERIFY(sum.counts == together.counts);
    }

    void aTimeBetweenTwoMoments()
    {
        LatenessHistogram histogram;
        histogram.record(3000 * kMs); // a bad start shall not spoil every later figure
        const Snapshot before = histogram.snapshot();
        histogram.record(100 * kUs);
        histogram.record(200 * kUs);
        const Snapshot between = histogram.snapshot().minus(before);
        QCOMPARE(between.count, 2);
        QCOMPARE(between.sumNs, 300 * kUs);
        QCOMPARE(between.percentileMs(1), 0.208);
        QCOMPARE(before.minus(before).percentileMs(1), 0);
    }

    void countsUpToEachOctave()
    {
        const Snapshot snapshot = of({1, 16 * kUs, 17 * kUs, 32 * kUs, 33 * kUs, kEndNs, kEndNs + 1});
        const auto cumulative = snapshot.cumulative();
        QCOMPARE(cumulative.front(), 2);
        QCOMPARE(cumulative[1], 4);
        QCOMPARE(cumulative[2], 5);
        QCOMPARE(cumulative[LatenessHistogram::kOctaves - 1], 5);
        QCOMPARE(cumulative.back(), 6);
        QCOMPARE(snapshot.count, 7);
    }

    // To be seen by ThreadSanitizer as well.
    void readWhileWritten()
    {
        constexpr qint64 kRecords = 400'000;
        const auto histogram = std::make_unique<LatenessHistogram>();
        std::atomic<bool> done{false};
        std::atomic<bool> reading{false};
        std::thread writer([&] {
            reading.wait(false);
            for (qint64 i = 0; i < kRecords; ++i)
                histogram->record(i * kUs);
            done = true;
        });
        Snapshot before;
        bool good = true;
        while (!done) {
            const Snapshot now = histogram->snapshot();
            reading = true;
            reading.notify_one();
            const Snapshot between = now.minus(before);
            for (const qint64 count : between.counts)
                good = good && count >= 0;
            good = good && now.cumulative().back() == now.count && now.count <= kRecords;
            before = now;
        }
        writer.join();
        QVERIFY(good);
        QCOMPARE(histogram->snapshot().count, kRecords);
        QCOMPARE(histogram->snapshot().sumNs, kRecords * (kRecords - 1) / 2 * kUs);
    }
};

QTEST_GUILESS_MAIN(TestLatenessHistogram)
#include "tst_latenesshistogram.moc"
