// SPDX-License-Identifier: GPL-3.0-or-later
// What the TX worker and the call worker share of one call, and nothing else: audio towards the caller and the lane's
// health. Held by shared_ptr from both sides; each member says which thread writes it.
#pragma once

#include "media/playoutqueue.h"
#include "media/txhealth.h"

#include <QMetaType>

#include <memory>

namespace takt::media {

struct CallMedia {
    explicit CallMedia(int backlogFrames)
        : playout(backlogFrames)
    {
    }
    PlayoutQueue playout; // call worker -> TX worker
    TxHealth health;      // TX worker writes
};
using CallMediaPtr = std::shared_ptr<CallMedia>;

} // namespace takt::media

Q_DECLARE_METATYPE(takt::media::CallMediaPtr)
