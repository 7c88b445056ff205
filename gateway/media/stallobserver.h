// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at one lane from outside the TX thread, a few times within 120 ms, and tells of each stall once when it is found
// and once when it is over. A stall is: audio was ready, or in the middle of an item, and no frame left for more than
// 120 ms. An idle line, a clear, a pause, and the first frame after any of them are none. Pure, told the time.
//
// The lane itself knows the stalls that ended with something it did (TxHealth), however short a look at them would have
// been; only an outside view knows those that have not ended, and those that end with the call.
#pragma once

#include "media/txhealth.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace takt::media {

class StallObserver
{
public:
    struct Look {
        qint64 nowNs = 0;
        int backlogFrames = 0;   // ready to be sent
        qint64 readySinceNs = 0; // when audio last came to an empty queue, or that of another item
        qint64 lastSentNs = 0;   // 0: never
        bool inItem = false;     // as the lane says
        bool starved = false;
        qint64 slotsFull = 0;
        TxHealth::Stall lastStall;
    };
    struct Event {
        bool found = false; // a stall that was not told of before
        bool over = false;
        qint64 durationNs = 0; // up to now, or all of it
        StallCause cause = StallCause::WorkerLate;
        int before = 0;      // stalls that came and went since the last look, before this one
        bool byLane = false; // it is in the lane's own figures
    };

    [[nodiscard]] std::optional<Event> observe(const Look &look)
    {
        if (look.lastStall.number != m_seen)
            return ended(look.lastStall);
        const qint64 sinceNs = owedSince(look);
        if (sinceNs != m_sinceNs && !m_open) {
            m_sinceNs = sinceNs;
            m_fullBefore = look.slotsFull;
        }
        if (sinceNs == kNothing || look.nowNs - sinceNs <= TxHealth::kStallNs)
            return notOwed(look);
        m_notOwedNs = kNothing;
        if (std::exchange(m_open, true))
            return std::nullopt;
        return Event{true, false, look.nowNs - m_sinceNs, cause(look)};
    }
    // The call is over, and with it a stall that was not.
    [[nodiscard]] std::optional<Event> end(const Look &look)
    {
        if (look.lastStall.number != m_seen)
            return ended(look.lastStall);
        if (m_open)
            return close(look.nowNs, cause(look));
        const bool ready = look.backlogFrames > 0;
        const qint64 sinceNs = !ready && look.starved ? look.lastSentNs : owedSince(look);
        if (sinceNs == kNothing || look.nowNs - sinceNs <= TxHealth::kStallNs)
            return std::nullopt;
        return Event{true, true, look.nowNs - sinceNs, ready ? cause(look) : StallCause::Starved};
    }
    // How long the one that is found and not over has lasted; 0: there is none.
    [[nodiscard]] qint64 openForNs(qint64 nowNs) const { return m_open ? nowNs - m_sinceNs : 0; }

private:
    static constexpr qint64 kNothing = -1;

    // Since when the caller is owed a frame that is there.
    [[nodiscard]] static qint64 owedSince(const Look &look)
    {
        if (look.backlogFrames == 0)
            return kNothing;
        return look.inItem ? look.lastSentNs : std::max(look.lastSentNs, look.readySinceNs);
    }
    [[nodiscard]] StallCause cause(const Look &look) const
    {
        return look.slotsFull > m_fullBefore ? StallCause::SocketFull : StallCause::WorkerLate;
    }
    Event ended(const TxHealth::Stall &stall)
    {
        const int before = int(stall.number - m_seen) - 1;
        m_seen = stall.number;
        m_sinceNs = m_notOwedNs = kNothing;
        return {!std::exchange(m_open, false), true, stall.durationNs, stall.cause, before, true};
    }
    // The lane tells how an open one ended, but perhaps not yet: it takes a frame from the queue first. Two looks decide.
    std::optional<Event> notOwed(const Look &look)
    {
        if (!m_open)
            return std::nullopt;
        if (m_notOwedNs != kNothing)
            return close(m_notOwedNs, cause(look));
        m_notOwedNs = look.nowNs;
        return std::nullopt;
    }
    Event close(qint64 atNs, StallCause cause)
    {
        const Event event{false, true, atNs - m_sinceNs, cause};
        m_open = false;
        m_sinceNs = m_notOwedNs = kNothing;
        return event;
    }

    qint64 m_sinceNs = kNothing;   // since when a frame is owed
    qint64 m_notOwedNs = kNothing; // when an open stall was first seen to have gone, without a word of the lane
    qint64 m_fullBefore = 0;       // slots, when that was
    qint64 m_seen = 0;             // the last stall that the lane has told of
    bool m_open = false;
};

} // namespace takt::media
