// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker tells the world about one lane. The worker alone writes, with relaxed loads and stores; any thread
// may read meanwhile, and never disturbs the beat.
#pragma once

#include "media/latenesshistogram.h"
#include "shared/txfacts.h"

#include <QtGlobal>

#include <atomic>
#include <utility>

namespace takt::media {

class TxHealth
{
public:
    static constexpr qint64 kStallNs = 120'000'000;
    static constexpr qint64 kBurstNs = 9'000'000; // frames are due 20 ms apart, and 10 where a lead is built

    // A stall that is over: a frame left after it.
    struct Stall {
        qint64 number = 0; // from 1; 0: there was none yet
        qint64 durationNs = 0;
        StallCause cause = StallCause::WorkerLate;
    };

    // The TX worker: what became of a slot -------------------------------------------------------------------------
    void noteSent(qint64 atNs, qint64 lateNs, qint64 leadNs);
    // Nothing to send; silence went instead, or nothing.
    void noteEmpty(bool silence);
    void noteFull(qint64 unsentBytes);
    // All audio of the current item has left: silence from now on is nobody's fault.
    void noteItemOver();
    // A clear threw away what was left.
    void noteCleared();
    // More audio of an item is to come.
    [[nodiscard]] bool inItem() const { return m_inItem; }

    // Any thread -----------------------------------------------------------------------------------------------------
    [[nodiscard]] qint64 framesSent() const { return get(m_framesSent); }
    [[nodiscard]] qint64 lastSentNs() const { return get(m_lastSentNs); } // worker clock; 0: never
    [[nodiscard]] qint64 slotsFull() const { return get(m_slotsFull); }
    [[nodiscard]] Stall lastStall() const;
    // All but framesDropped, which the queue counts.
    [[nodiscard]] TxFacts facts() const;
    // The longest time between two frames of running speech since the last time that this was asked. One reader.
    [[nodiscard]] qint64 takeWorstGapNs() { return m_recentGapNs.exchange(0, std::memory_order_relaxed); }

private:
    using Value = std::atomic<qint64>;
    static qint64 get(const Value &value) { return value.load(std::memory_order_relaxed); }
    static void add(Value &value, qint64 n) { value.store(get(value) + n, std::memory_order_relaxed); }
    static void raise(Value &value, qint64 n)
    {
        if (n > get(value))
            value.store(n, std::memory_order_relaxed);
    }
    void noteGap(qint64 gapNs);

    Value m_framesSent{0};
    Value m_framesSilent{0};
    Value m_slotsSkipped{0};
    Value m_slotsFull{0};
    Value m_underruns{0};
    Value m_unsentMaxBytes{0};
    Value m_bursts{0};
    Value m_stalledNs{0};
    Value m_worstLateNs{0};
    Value m_worstGapNs{0};
    Value m_recentGapNs{0};
    Value m_lastSentNs{0};
    Value m_leadNs{0};
    Value m_leadMaxNs{0};
    // Of the last stall; the number last, so that who sees it sees the rest.
    Value m_stallNs{0};
    std::atomic<StallCause> m_stallCause{StallCause::WorkerLate};
    Value m_stalls{0};
    LatenessHistogram m_lateness;

    // The worker's own.
    bool m_speaking = false; // frames are to follow each other: the next gap is one
    bool m_inItem = false;   // more audio of the item is to come
    bool m_starved = false;  // since the last frame, a slot in the middle of an item had nothing to send
    bool m_wasFull = false;  // since the last frame, the socket was full
};

inline void TxHealth::noteSent(qint64 atNs, qint64 lateNs, qint64 leadNs)
{
    if (m_speaking)
        noteGap(atNs - get(m_lastSentNs));
    m_speaking = true;
    m_inItem = true;
    m_starved = false;
    m_wasFull = false;
    m_lateness.record(lateNs);
    raise(m_worstLateNs, lateNs);
    m_lastSentNs.store(atNs, std::memory_order_relaxed);
    m_leadNs.store(leadNs, std::memory_order_relaxed);
    raise(m_leadMaxNs, leadNs);
    add(m_framesSent, 1);
}

inline void TxHealth::noteEmpty(bool silence)
{
    add(silence ? m_framesSilent : m_slotsSkipped, 1);
    if (!m_inItem)
        m_speaking = false;
    else if (!std::exchange(m_starved, true))
        add(m_underruns, 1);
}

inline void TxHealth::noteFull(qint64 unsentBytes)
{
    add(m_slotsFull, 1);
    raise(m_unsentMaxBytes, unsentBytes);
    m_wasFull = true;
}

inline void TxHealth::noteItemOver()
{
    m_inItem = false;
    if (std::exchange(m_starved, false)) // nothing was missing: only the item's end came late
        m_speaking = false;
}

inline void TxHealth::noteCleared()
{
    m_inItem = false;
    m_starved = false;
    m_speaking = false;
}

} // namespace takt::media
