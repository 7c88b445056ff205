// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker tells the world about one lane: atomics that it writes with relaxed stores, and that any thread
// may read. Reading never disturbs the beat.
#pragma once

#include <QtGlobal>

#include <atomic>

namespace takt::media {

struct TxHealth {
    std::atomic<qint64> framesSent{0};
    std::atomic<qint64> framesSilent{0};
    std::atomic<qint64> worstLateNs{0}; // of a slot that had a frame to send
    std::atomic<qint64> lastSentNs{0};  // worker clock
    std::atomic<qint64> socketFull{0};  // slots on which the peer's socket took nothing

    void noteSent(qint64 atNs, qint64 lateNs)
    {
        framesSent.store(framesSent.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        lastSentNs.store(atNs, std::memory_order_relaxed);
        if (lateNs > worstLateNs.load(std::memory_order_relaxed))
            worstLateNs.store(lateNs, std::memory_order_relaxed);
    }
};

} // namespace takt::media
