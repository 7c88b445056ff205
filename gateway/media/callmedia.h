// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker and the call worker share of one call, and nothing else: audio towards the caller, the lane's health,
// and the flight recorder. Held by shared_ptr from both sides; each member says which thread writes it.
#pragma once

#include "media/flightlog.h"
#include "media/playoutqueue.h"
#include "media/txhealth.h"

#include <QMetaType>

#include <atomic>
#include <memory>

namespace takt::media {

class CallMedia
{
public:
    // `log`: without one the call has a recorder of its own, that nobody can name.
    explicit CallMedia(int backlogFrames, FlightLogPtr log = std::make_shared<FlightLog>())
        : playout(backlogFrames)
        , flight(std::move(log))
    {
    }

    // The call worker, instead of playout.append(): with the time, on the media threads' clock.
    int append(ItemNumber item, QByteArrayView audio, qint64 nowNs)
    {
        // Behind audio of which nothing has left yet nobody is owed more than that.
        const bool unbegun = playout.depth() > 0 && playout.generation() == m_generation
                             && readySinceNs() > health.lastSentNs();
        if (playout.depth() == 0 || (item != m_appended && !unbegun))
            m_readySinceNs.store(nowNs, std::memory_order_relaxed); // before the queue, which is the release
        m_appended = item;
        m_generation = playout.generation();
        const int refused = playout.append(item, audio);
        m_refused += refused;
        return refused;
    }
    // The call worker: frames that append() refused so far.
    [[nodiscard]] qint64 refused() const { return m_refused; }
    // Any thread: when audio last came to an empty queue, or that of another item behind one that has begun; 0: never.
    [[nodiscard]] qint64 readySinceNs() const { return m_readySinceNs.load(std::memory_order_relaxed); }

    PlayoutQueue playout; // call worker -> TX worker
    TxHealth health;      // TX worker writes
    const FlightLogPtr flight;

private:
    std::atomic<qint64> m_readySinceNs{0};
    ItemNumber m_appended = 0; // the call worker's, as the next two
    quint32 m_generation = 0;
    qint64 m_refused = 0;
};
using CallMediaPtr = std::shared_ptr<CallMedia>;

// A stall that is over, as those hear of it who write its record.
struct StallTold {
    CallMediaPtr media;
    qint64 durationNs = 0;
    StallCause cause = StallCause::WorkerLate;
    qint64 atNs = 0; // on the media threads' clock
};

} // namespace takt::media

Q_DECLARE_METATYPE(takt::media::CallMediaPtr)
Q_DECLARE_METATYPE(takt::media::StallTold)
