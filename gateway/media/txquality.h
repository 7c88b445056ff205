// SPDX-License-Identifier: GPL-3.0-or-later
// Whether one lane sounds right, by its worst gap in each second: degraded at once when one is over 120 ms, recovered after
// three seconds in a row below 40 ms. What lies between changes nothing. Pure; one per call.
#pragma once

#include <QtGlobal>

#include <optional>
#include <utility>

namespace takt::media {

class TxQuality
{
public:
    static constexpr qint64 kDegradedNs = 120'000'000;
    static constexpr qint64 kGoodNs = 40'000'000;
    static constexpr int kGoodSeconds = 3;

    // Once a second. A value: it is so from now on.
    [[nodiscard]] std::optional<bool> degradedBy(qint64 worstGapNs)
    {
        if (worstGapNs > kDegradedNs) {
            m_good = 0;
            return std::exchange(m_degraded, true) ? std::nullopt : std::optional(true);
        }
        m_good = worstGapNs < kGoodNs ? m_good + 1 : 0;
        if (!m_degraded || m_good < kGoodSeconds)
            return std::nullopt;
        m_degraded = false;
        return false;
    }
    [[nodiscard]] bool degraded() const { return m_degraded; }

private:
    bool m_degraded = false;
    int m_good = 0;
};

} // namespace takt::media
