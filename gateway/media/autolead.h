// SPDX-License-Identifier: GPL-3.0-or-later
// tx.lead_ms = auto: how far ahead of real time speech may run, so that the carrier's buffer covers what this host makes
// late. Each second it is told the worst lateness of that second. It rises at once to what would have been heard, and a
// quarter more; it falls by one frame each five seconds once half of it would have been enough for thirty. A host in time
// gets none: then all audio that the caller interrupts is still here. Pure; one per TX worker.
#pragma once

#include <QtGlobal>

#include <algorithm>

namespace takt::media {

class AutoLead
{
public:
    static constexpr qint64 kFrameNs = 20'000'000;
    static constexpr qint64 kMostNs = 200'000'000; // more would be heard after an interruption
    static constexpr qint64 kHeardNs = 5'000'000;  // beyond the lead: less is lost in any network's jitter
    static constexpr int kCalmSeconds = 30;
    static constexpr int kFallSeconds = 5;

    // Once a second; the lead from now on.
    qint64 onSecond(qint64 worstLateNs)
    {
        if (worstLateNs > m_leadNs + kHeardNs) {
            m_leadNs = std::min(kMostNs, wholeFrames(worstLateNs + worstLateNs / 4));
            m_calm = 0;
        } else if (worstLateNs > m_leadNs / 2) {
            m_calm = 0; // it is needed
        } else if (m_leadNs > 0 && ++m_calm >= kCalmSeconds) {
            m_leadNs -= kFrameNs;
            m_calm = kCalmSeconds - kFallSeconds;
        }
        return m_leadNs;
    }
    [[nodiscard]] qint64 leadNs() const { return m_leadNs; }

private:
    [[nodiscard]] static qint64 wholeFrames(qint64 ns) { return (ns + kFrameNs - 1) / kFrameNs * kFrameNs; }

    qint64 m_leadNs = 0;
    int m_calm = 0; // seconds
};

} // namespace takt::media
