// SPDX-License-Identifier: GPL-3.0-or-later
// Compares what one caller heard with what the model generated, and keeps the beat's statistics. It sees every frame at
// its kernel stamp and every byte when it is played. Pure, told the time; one per call, carrier thread.
#pragma once

#include "sim/carrier/playout.h"
#include "sim/verdict/record.h"

#include <optional>
#include <unordered_map>

namespace takt::sim {

class Judge
{
public:
    struct Timing {
        Nanos stamp = 0;
        bool certain = true; // false: several frames may share one stamp because we were late ourselves
    };

    Judge(Tracker &tracker, Nanos latency)
        : m_tracker(tracker)
        , m_latency(latency)
    {
    }

    [[nodiscard]] CallRecord &record() { return m_record; }
    [[nodiscard]] const CallRecord &record() const { return m_record; }

    void frameArrived(const Timing &timing, std::size_t bytes, const std::vector<Piece> &pieces);
    // The frame enters the buffer, which has been dry since then if it is.
    void frameQueued(Nanos now, const std::vector<Piece> &pieces, std::optional<Nanos> drySince);
    void heard(const Piece &piece, Nanos start);
    void clearArrived();
    void cleared();
    void streamStarted(Nanos now) { m_started = now; }
    void callerStopped(Nanos now) { m_callerStopped = now; }
    // Settles everything that only the whole call can tell. drySince: the caller hears nothing since then.
    void finish(Nanos now, std::optional<Nanos> drySince, bool closedByGateway);

    [[nodiscard]] const GeneratedItem *lastHeard() const { return m_lastHeard; }

private:
    struct Hearing {
        std::int64_t upTo = 0;                             // bytes, without the holes
        std::vector<std::pair<Nanos, std::int64_t>> holes; // when it went on, and how many bytes it left out
        std::int64_t atClear = -1;                         // upTo when the carrier's buffer was first cleared
        Nanos first = 0;
        Nanos last = 0; // end of the last byte heard
    };
    struct Cursor { // where a frame ended
        const GeneratedItem *item = nullptr;
        std::int64_t end = 0;
    };

    void measureGap(const Timing &timing, const Piece &piece);
    [[nodiscard]] const Hearing *hearingOf(const GeneratedItem &item) const;
    [[nodiscard]] bool wasInterrupted(const GeneratedItem &item, const std::vector<Nanos> &speech) const;
    [[nodiscard]] std::int64_t holesIn(const GeneratedItem &item, const std::vector<Nanos> &speech) const;
    void settleItem(const ItemPtr &item, bool lost, bool interrupted, bool truncateOwed, std::int64_t holes);
    void settleInterruptions(const std::vector<ItemPtr> &items, const std::vector<Nanos> &speech);

    Tracker &m_tracker;
    Nanos m_latency;
    CallRecord m_record;
    std::unordered_map<const GeneratedItem *, Hearing> m_hearings;
    const GeneratedItem *m_lastHeard = nullptr;
    Nanos m_started = 0;
    Nanos m_callerStopped = -1;
    Nanos m_lastStamp = -1;
    bool m_clearedOnWire = false;   // since the last frame arrived
    Cursor m_arrived;               // of the last frame that arrived
    Cursor m_queued;                // of the last frame queued
    bool m_unknownArrived = false;  // the last frame was audio, but not of our model
    bool m_clearedInBuffer = false; // since the last frame was queued
};

} // namespace takt::sim
