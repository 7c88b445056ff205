// SPDX-License-Identifier: GPL-3.0-or-later
// Times by the microsecond up to 400 ms, and the largest. Belongs to one thread while it is filled.
#pragma once

#include "sim/wire/clock.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace takt::load {

class Histogram
{
public:
    void add(sim::Nanos ns)
    {
        const sim::Nanos us = std::clamp<sim::Nanos>(ns / sim::kMicrosecond, 0, kTop);
        ++m_counts[std::size_t(us)];
        ++m_total;
        m_max = std::max(m_max, ns);
    }
    [[nodiscard]] std::uint64_t total() const { return m_total; }
    [[nodiscard]] double maxMs() const { return sim::toMs(m_max); }
    // Milliseconds that the share p of all values does not exceed; 0 of nothing.
    [[nodiscard]] double quantileMs(double p) const
    {
        const auto wanted = std::uint64_t(p * double(m_total));
        std::uint64_t seen = 0;
        for (std::size_t us = 0; us < m_counts.size(); ++us) {
            seen += m_counts[us];
            if (seen > wanted)
                return us == std::size_t(kTop) ? maxMs() : double(us) / 1000.0;
        }
        return maxMs();
    }

private:
    static constexpr sim::Nanos kTop = 400'000;
    std::vector<std::uint32_t> m_counts = std::vector<std::uint32_t>(std::size_t(kTop) + 1);
    std::uint64_t m_total = 0;
    sim::Nanos m_max = 0;
};

} // namespace takt::load
