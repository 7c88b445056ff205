// SPDX-License-Identifier: GPL-3.0-or-later
// tx.lead_ms = auto: how far ahead of real time speech may run, so that the carrier's buffer covers what this host makes
// late. It is told how late each slot was served, and each second it judges by the worst of them. It rises at once to what
// would have been heard, and a quarter more; it falls by one frame each five seconds once half of it would have been enough
// for thirty. Seconds in which no slot was due, without a call, count as calm. A host in time gets none: then all audio that
// the caller interrupts is still here. Pure, told the time; one per TX worker, in its thread.
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <utility>

namespace takt::media {

class AutoLead
{
public:
    static constexpr qint64 kFrameNs = 20'000'000;
    static constexpr qint64 kMostNs = 200'000'000; // more would be heard after an interruption
    static constexpr qint64 kHeardNs = 5'000'000;  // beyond the lead: less is lost in any network's jitter
    static constexpr int kCalmSeconds = 30;
    static constexpr int kFallSeconds = 5;

    // A slot is served, with a frame or without; the lead from now on.
    qint64 onSlot(qint64 nowNs, qint64 lateNs)
    {
        // Between the slots before and this one's due time nothing could be late. A stall is no such pause: its slots were due.
        const qint64 pauseNs = nowNs - lateNs - m_lastSlotNs;
        if (pauseNs >= kSecondNs) {
            judge(std::exchange(m_worstLateNs, 0));
            passCalm(pauseNs / kSecondNs);
            m_secondNs = nowNs - lateNs;
        }
        m_lastSlotNs = nowNs;
        m_worstLateNs = std::max(m_worstLateNs, lateNs);
        if (nowNs - m_secondNs >= kSecondNs) {
            m_secondNs = nowNs;
            judge(std::exchange(m_worstLateNs, 0));
        }
        return m_leadNs;
    }
    [[nodiscard]] qint64 leadNs() const { return m_leadNs; }

private:
    static constexpr qint64 kSecondNs = 1'000'000'000;

    void judge(qint64 worstLateNs)
    {
        if (worstLateNs > m_leadNs + kHeardNs) {
            m_leadNs = std::min(kMostNs, wholeFrames(worstLateNs + worstLateNs / 4));
            m_calm = 0;
        } else if (worstLateNs > m_leadNs / 2) {
            m_calm = 0; // it is needed
        } else {
            passCalm(1);
        }
    }
    void passCalm(qint64 seconds)
    {
        for (m_calm += seconds; m_leadNs > 0 && m_calm >= kCalmSeconds; m_calm -= kFallSeconds)
            m_leadNs -= kFrameNs;
    }
    [[nodiscard]] static qint64 wholeFrames(qint64 ns) { return (ns + kFrameNs - 1) / kFrameNs * kFrameNs; }

    qint64 m_leadNs = 0;
    qint64 m_calm = 0; // seconds
    qint64 m_lastSlotNs = 0;
    qint64 m_secondNs = 0;    // when the current one began
    qint64 m_worstLateNs = 0; // in it
};

} // namespace takt::media
