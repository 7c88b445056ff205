// SPDX-License-Identifier: GPL-3.0-or-later
// Percentiles, exactly, of samples that may be very many. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace takt::sim {

struct Percentiles {
    std::size_t count = 0;
    double p50 = 0;
    double p99 = 0;
    double p999 = 0;
    double max = 0;
};

// The nearest-rank percentile: the smallest sample that at least that share of all samples does not exceed.
[[nodiscard]] double percentile(const std::vector<double> &sorted, double share);
[[nodiscard]] Percentiles percentilesOf(std::vector<double> samples);

// Counts of microseconds, so that a run of days needs no more memory than one of seconds: exact to 1 µs below 100 ms,
// to 100 µs below 10 s; the maximum is always exact.
class Histogram
{
public:
    void add(std::int64_t microseconds);
    [[nodiscard]] Percentiles percentiles() const; // in milliseconds

private:
    [[nodiscard]] double at(double share) const;

    static constexpr std::int64_t kFine = 100'000;
    static constexpr std::int64_t kCoarseStep = 100;
    static constexpr std::int64_t kCoarse = 100'000;
    std::vector<std::uint32_t> m_bins;
    std::uint64_t m_count = 0;
    std::int64_t m_max = 0;
};

} // namespace takt::sim
