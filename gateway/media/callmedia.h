// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker and the call worker share of one call, and nothing else: audio towards the caller, the lane's health,
// and the flight recorder. Held by shared_ptr from both sides; each member says which thread writes it.
#pragma once

#include "media/flightlog.h"
#include "media/playoutqueue.h"
#include "media/txhealth.h"

#include <QMetaType>

#include <memory>

namespace takt::media {

struct CallMedia {
    // `log`: without one the call has a recorder of its own, that nobody can name.
    explicit CallMedia(int backlogFrames, FlightLogPtr log = std::make_shared<FlightLog>())
        : playout(backlogFrames)
        , flight(std::move(log))
    {
    }
    PlayoutQueue playout; // call worker -> TX worker
    TxHealth health;      // TX worker writes
    const FlightLogPtr flight;
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
