// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/verdict/statistics.h"

#include <algorithm>
#include <cmath>

namespace takt::sim {

double percentile(const std::vector<double> &sorted, double share)
{
    if (sorted.empty())
        return 0;
    const auto rank = std::size_t(std::ceil(share * double(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

Percentiles percentilesOf(std::vector<double> samples)
{
    if (samples.empty())
        return {};
    std::sort(samples.begin(), samples.end());
    return {samples.size(), percentile(samples, 0.5), percentile(samples, 0.99), percentile(samples, 0.999),
            samples.back()};
}

void Histogram::add(std::int64_t microseconds)
{
    if (m_bins.empty())
        m_bins.resize(std::size_t(kFine + kCoarse));
    const std::int64_t coarse = std::min(kFine + microseconds / kCoarseStep, kFine + kCoarse - 1);
    const std::int64_t bin = microseconds < kFine ? std::max<std::int64_t>(0, microseconds) : coarse;
    ++m_bins[std::size_t(bin)];
    ++m_count;
    m_max = std::max(m_max, microseconds);
}

double Histogram::at(double share) const
{
    const auto rank = std::max<std::uint64_t>(1, std::uint64_t(std::ceil(share * double(m_count))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_bins.size(); ++i) {
        seen += m_bins[i];
        if (seen >= rank) {
            const auto bin = std::int64_t(i);
            return double(bin < kFine ? bin : std::min(m_max, (bin - kFine) * kCoarseStep)) / 1000.0;
        }
    }
    return double(m_max) / 1000.0;
}

Percentiles Histogram::percentiles() const
{
    if (m_count == 0)
        return {};
    return {std::size_t(m_count), at(0.5), at(0.99), at(0.999), double(m_max) / 1000.0};
}

} // namespace takt::sim
