// SPDX-License-Identifier: GPL-3.0-or-later
// Finds stalls of one lane from outside the TX thread: audio was ready, and no frame left for more than 120 ms. An idle
// line, a pause, and the first frame after either are no stall. Pure, told the time; lives in the call worker's thread.
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <utility>

namespace takt::media {

class StallObserver
{
public:
    static constexpr qint64 kStallNs = 120'000'000;

    // To be called a few times within kStallNs. backlogFrames: ready to be sent; lastSentNs: when a frame last left,
    // 0 for never. True once for each stall.
    [[nodiscard]] bool observe(qint64 nowNs, int backlogFrames, qint64 lastSentNs)
    {
        if (backlogFrames == 0) {
            m_readySinceNs = -1;
            m_reported = false;
            return false;
        }
        if (m_readySinceNs < 0)
            m_readySinceNs = nowNs; // ready audio is first seen: whatever silence was before does not count
        const qint64 waitingSinceNs = std::max(m_readySinceNs, lastSentNs);
        if (nowNs - waitingSinceNs <= kStallNs) {
            m_reported = false;
            return false;
        }
        return !std::exchange(m_reported, true);
    }

private:
    qint64 m_readySinceNs = -1;
    bool m_reported = false;
};

} // namespace takt::media
