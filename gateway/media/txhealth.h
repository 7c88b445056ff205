// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker tells the world about one lane. The worker alone writes, with relaxed loads and stores; any thread
// may read meanwhile, and never disturbs the beat.
#pragma once

#include "media/latenesshistogram.h"
#include "shared/txfacts.h"

#include <QtGlobal>

#include <algorithm>
#include <atomic>

namespace takt::media {

class TxHealth
{
public:
    static constexpr qint64 kStallNs = 120'000'000;
    static constexpr qint64 kBurstNs = 9'000'000; // frames are due 20 ms apart, and 10 where a lead is built

    // A stall that is over: a frame left after it, or a clear or the end of the stream came instead.
    struct Stall {
        qint64 number = 0; // from 1; 0: there was none yet
        qint64 durationNs = 0;
        StallCause cause = StallCause::WorkerLate;
    };

    struct Sent {
        qint64 atNs = 0;
        qint64 lateNs = 0; // how late the slot was served
        qint64 leadNs = 0;
        // When audio last came to an empty queue, or that of another item: speech that begins is owed since then, and
        // speech that runs since the frame before.
        qint64 readySinceNs = 0;
        int backlogFrames = 0; // that wait behind it
    };

    // The TX worker: what became of a slot -------------------------------------------------------------------------
    void noteSent(const Sent &frame);
    // Nothing to send; silence went instead, or nothing. `calledOff`: the item is, and its clear on the way.
    void noteEmpty(qint64 lateNs, bool silence, bool calledOff);
    // How far ahead speech may run, when a slot had none.
    void noteLead(qint64 leadNs);
    void noteFull(qint64 lateNs, qint64 unsentBytes);
    // All audio of the current item has left: silence from now on is nobody's fault.
    void noteItemOver();
    // A clear threw away what was left, or the stream is over.
    void noteCleared(qint64 nowNs);

    // Any thread -----------------------------------------------------------------------------------------------------
    [[nodiscard]] qint64 framesSent() const { return get(m_framesSent); }
    // Worker clock; 0: never. Read before lastStall(): whoever sees a frame then sees the stall that it ended.
    [[nodiscard]] qint64 lastSentNs() const { return m_lastSentNs.load(std::memory_order_acquire); }
    // More audio of an item is to come.
    [[nodiscard]] bool inItem() const { return m_inItem.load(std::memory_order_relaxed); }
    // ... and did not when it was due.
    [[nodiscard]] bool starved() const { return m_starved.load(std::memory_order_relaxed); }
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
    void noteStall(qint64 durationNs);
    void nothingOwed();

    Value m_framesSent{0};
    Value m_framesSilent{0};
    Value m_slotsSkipped{0};
    Value m_slotsFull{0};
    Value m_underruns{0};
    Value m_unsentMaxBytes{0};
    Value m_bursts{0};
    Value m_backlogMaxFrames{0};
    Value m_stalledNs{0};
    Value m_worstLateNs{0};
    Value m_worstGapNs{0};
    Value m_recentGapNs{0};
    Value m_lastSentNs{0};
    Value m_leadNs{0};
    Value m_leadMaxNs{0};
    std::atomic<bool> m_inItem{false};
    std::atomic<bool> m_starved{false}; // since the last frame, a slot in the middle of an item had nothing to send
    // Of the last stall; the number last, so that who sees it sees the rest.
    Value m_stallNs{0};
    std::atomic<StallCause> m_stallCause{StallCause::WorkerLate};
    Value m_stalls{0};
    LatenessHistogram m_lateness;

    // The worker's own, since the last frame of running speech.
    bool m_wasFull = false; // the socket was full
    qint64 m_lateNs = 0;    // the latest slot
};

inline void TxHealth::noteSent(const Sent &frame)
{
    m_lateNs = std::max(m_lateNs, frame.lateNs);
    const qint64 lastNs = get(m_lastSentNs);
    if (inItem() || (lastNs > 0 && frame.readySinceNs <= lastNs))
        noteGap(frame.atNs - lastNs);
    else if (frame.readySinceNs > 0 && frame.atNs - frame.readySinceNs > kStallNs)
        noteStall(frame.atNs - frame.readySinceNs); // speech that began late
    nothingOwed();
    m_inItem.store(true, std::memory_order_relaxed);
    m_lateness.record(frame.lateNs);
    raise(m_worstLateNs, frame.lateNs);
    raise(m_backlogMaxFrames, frame.backlogFrames + 1);
    m_lastSentNs.store(frame.atNs, std::memory_order_release);
    noteLead(frame.leadNs);
    add(m_framesSent, 1);
}

inline void TxHealth::noteLead(qint64 leadNs)
{
    m_leadNs.store(leadNs, std::memory_order_relaxed);
    raise(m_leadMaxNs, leadNs);
}

inline void TxHealth::noteEmpty(qint64 lateNs, bool silence, bool calledOff)
{
    add(silence ? m_framesSilent : m_slotsSkipped, 1);
    if (!inItem() || calledOff) {
        m_lateNs = 0; // nobody missed anything
        return;
    }
    m_lateNs = std::max(m_lateNs, lateNs);
    if (!m_starved.exchange(true, std::memory_order_relaxed))
        add(m_underruns, 1);
}

inline void TxHealth::noteFull(qint64 lateNs, qint64 unsentBytes)
{
    add(m_slotsFull, 1);
    raise(m_unsentMaxBytes, unsentBytes);
    m_lateNs = std::max(m_lateNs, lateNs);
    m_wasFull = true;
}

inline void TxHealth::noteItemOver()
{
    nothingOwed(); // where audio was missing, only the item's end came late
}

inline void TxHealth::nothingOwed()
{
    m_inItem.store(false, std::memory_order_relaxed);
    m_starved.store(false, std::memory_order_relaxed);
    m_wasFull = false;
    m_lateNs = 0;
}

} // namespace takt::media
