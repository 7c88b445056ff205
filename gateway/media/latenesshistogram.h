// SPDX-License-Identifier: GPL-3.0-or-later
// How late the slots of one TX worker were served, by size: 8 buckets an octave from 16 us to 4.2 s, so that any
// percentile is known to an eighth. The worker writes with relaxed loads and stores, as it is the only one who does; any
// thread may read meanwhile, and never disturbs the beat.
#pragma once

#include <QtGlobal>

#include <array>
#include <atomic>
#include <bit>

namespace takt::media {

class alignas(64) LatenessHistogram
{
public:
    static constexpr int kSubBuckets = 8;
    static constexpr int kOctaves = 18; // 16 us to 16 us * 2^18
    // Up to 16 us, the octaves, and whatever is later than they reach. A bucket holds its upper bound.
    static constexpr int kBuckets = 1 + kOctaves * kSubBuckets + 1;

    // A plain value of one moment, or of several workers, or of the time between two moments.
    struct Snapshot {
        std::array<qint64, kBuckets> counts{};
        qint64 sumNs = 0;
        qint64 count = 0; // of all buckets together

        // What came between. `earlier` is of the same worker or workers.
        [[nodiscard]] Snapshot minus(const Snapshot &earlier) const;
        void add(const Snapshot &other);
        // What the share p (0 to 1) of all slots did not exceed: the upper bound of its bucket. 0 of nothing; for what
        // is later than the octaves reach, where they end.
        [[nodiscard]] double percentileMs(double p) const;
        // How many were no later than octaveBoundMs(0), (1), ... (kOctaves).
        [[nodiscard]] std::array<qint64, kOctaves + 1> cumulative() const;
    };

    // The worker only. Less than nothing counts as nothing.
    void record(qint64 lateNs);
    [[nodiscard]] Snapshot snapshot() const;

    // Infinite for the last bucket.
    [[nodiscard]] static double upperBoundMs(int bucket);
    // 0: 16 us; each is twice the one before.
    [[nodiscard]] static constexpr double octaveBoundMs(int octave) { return double(kFirstUs << octave) / 1000.0; }

private:
    static constexpr int kFirstBits = 4;
    static constexpr int kSubBits = 3;
    static constexpr qint64 kFirstUs = 1 << kFirstBits;
    static constexpr qint64 kMostNs = 3'600'000'000'000; // an hour: so that no sum ever overflows
    static_assert(1 << kSubBits == kSubBuckets);

    // Bounds are whole microseconds and belong to the bucket below them.
    [[nodiscard]] static constexpr int bucketOf(qint64 lateNs)
    {
        const auto us = static_cast<quint64>((lateNs - 1) / 1000);
        if (lateNs <= 0 || us < quint64(kFirstUs))
            return 0;
        const int octave = int(std::bit_width(us)) - 1 - kFirstBits;
        if (octave >= kOctaves)
            return kBuckets - 1;
        const auto sub = int(us >> (octave + kFirstBits - kSubBits)) & (kSubBuckets - 1);
        return 1 + octave * kSubBuckets + sub;
    }
    static void add(std::atomic<qint64> &value, qint64 n)
    {
        value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    std::array<std::atomic<qint64>, kBuckets> m_counts{};
    std::atomic<qint64> m_sumNs{0};
};

inline void LatenessHistogram::record(qint64 lateNs)
{
    lateNs = qBound<qint64>(0, lateNs, kMostNs);
    add(m_counts[std::size_t(bucketOf(lateNs))], 1);
    add(m_sumNs, lateNs);
}

} // namespace takt::media
