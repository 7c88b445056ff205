// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at one lane from outside the TX thread, a few times within 120 ms, and tells of each stall once when it is found
// and once when it is over. A stall is: audio was ready, or in the middle of an item, and no frame left for more than
// 120 ms. An idle line, a clear, a pause, and the first frame after any of them are none. Pure, told the time.
//
// The lane itself knows the stalls that ended with a frame (TxHealth), however short a look at them would have been; only
// an outside view knows those that have not ended.
#pragma once

#include "media/txhealth.h"

#include <optional>

namespace takt::media {

class StallObserver
{
public:
    struct Look {
        qint64 nowNs = 0;
        int backlogFrames = 0; // ready to be sent
        qint64 lastSentNs = 0; // 0: never
        qint64 slotsFull = 0;
        TxHealth::Stall lastStall;
    };
    struct Event {
        bool found = false; // a stall that was not told of before
        bool over = false;
        qint64 durationNs = 0; // up to now, or all of it
        StallCause cause = StallCause::WorkerLate;
    };

    [[nodiscard]] std::optional<Event> observe(const Look &look)
    {
        if (look.lastStall.number != m_seen) { // it ended with a frame
            m_seen = look.lastStall.number;
            m_readySinceNs = look.backlogFrames > 0 ? look.lastSentNs : -1;
            return Event{!std::exchange(m_open, false), true, look.lastStall.durationNs, look.lastStall.cause};
        }
        if (look.backlogFrames == 0) // it ended with a clear, if there was one
            return close(look);
        if (m_readySinceNs < 0) { // ready audio is first seen: whatever silence was before does not count
            m_readySinceNs = look.nowNs;
            m_fullBefore = look.slotsFull;
        }
        if (look.lastSentNs > m_readySinceNs) {
            m_readySinceNs = look.lastSentNs;
            m_fullBefore = look.slotsFull;
        }
        if (look.nowNs - m_readySinceNs <= TxHealth::kStallNs)
            return close(look, m_readySinceNs);
        if (std::exchange(m_open, true))
            return std::nullopt;
        return Event{true, false, look.nowNs - m_readySinceNs, cause(look)};
    }
    // The call is over: a stall that is still open ends with it.
    [[nodiscard]] std::optional<Event> end(const Look &look) { return close(look); }

private:
    [[nodiscard]] StallCause cause(const Look &look) const
    {
        return look.slotsFull > m_fullBefore ? StallCause::SocketFull : StallCause::WorkerLate;
    }
    std::optional<Event> close(const Look &look, qint64 readySinceNs = -1)
    {
        const qint64 sinceNs = std::exchange(m_readySinceNs, readySinceNs);
        if (!std::exchange(m_open, false))
            return std::nullopt;
        return Event{false, true, look.nowNs - sinceNs, cause(look)};
    }

    qint64 m_readySinceNs = -1;
    qint64 m_fullBefore = 0; // slots, when that was
    qint64 m_seen = 0;       // the last stall that the lane has told of
    bool m_open = false;
};

} // namespace takt::media
