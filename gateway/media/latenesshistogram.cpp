// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/latenesshistogram.h"

#include <cmath>
#include <limits>

namespace takt::media {

LatenessHistogram::Snapshot LatenessHistogram::Snapshot::minus(const Snapshot &earlier) const
{
    Snapshot between = *this;
    for (std::size_t i = 0; i < counts.size(); ++i)
        between.counts[i] -= earlier.counts[i];
    between.sumNs -= earlier.sumNs;
    between.count -= earlier.count;
    return between;
}

void LatenessHistogram::Snapshot::add(const Snapshot &other)
{
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] += other.counts[i];
    sumNs += other.sumNs;
    count += other.count;
}

double LatenessHistogram::Snapshot::percentileMs(double p) const
{
    if (count <= 0)
        return 0;
    const auto wanted = qBound<qint64>(1, qint64(std::ceil(p * double(count))), count);
    qint64 seen = 0;
    for (int bucket = 0; bucket < kBuckets - 1; ++bucket) {
        seen += counts[std::size_t(bucket)];
        if (seen >= wanted)
            return upperBoundMs(bucket);
    }
    return octaveBoundMs(kOctaves);
}

std::array<qint64, LatenessHistogram::kOctaves + 1> LatenessHistogram::Snapshot::cumulative() const
{
    std::array<qint64, kOctaves + 1> all{};
    qint64 seen = 0;
    for (int bucket = 0; bucket < kBuckets - 1; ++bucket) {
        seen += counts[std::size_t(bucket)];
        if (bucket % kSubBuckets == 0)
            all[std::size_t(bucket / kSubBuckets)] = seen;
    }
    return all;
}

// The count is what the buckets hold, not a counter beside them: a reader in the middle of a record() finds them in
// agreement. The sum may be one slot ahead or behind.
LatenessHistogram::Snapshot LatenessHistogram::snapshot() const
{
    Snapshot now;
    now.sumNs = m_sumNs.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        now.counts[i] = m_counts[i].load(std::memory_order_relaxed);
        now.count += now.counts[i];
    }
    return now;
}

double LatenessHistogram::upperBoundMs(int bucket)
{
    if (bucket <= 0)
        return octaveBoundMs(0);
    if (bucket >= kBuckets - 1)
        return std::numeric_limits<double>::infinity();
    const int octave = (bucket - 1) / kSubBuckets;
    const int sub = (bucket - 1) % kSubBuckets;
    return octaveBoundMs(octave) * double(kSubBuckets + sub + 1) / kSubBuckets;
}

} // namespace takt::media
