// SPDX-License-Identifier: GPL-3.0-or-later
// What the front door knows of a media stream that it let in. Travels with the socket to the lane, and from there to the
// call. A plain value; any thread.
#pragma once

#include "shared/callfacts.h"

#include <QMetaType>
#include <QString>

#include <memory>

namespace takt::config {
struct Business;
}

namespace takt::carrier {

struct Pass {
    QString callSid; // the only call that the stream may be of; empty: any (--insecure)
    QString token;   // what its `start` has to repeat; empty: nothing
    QString from;
    QString to;
    Direction direction = Direction::Inbound;
    std::shared_ptr<const config::Business> business;
    // The call's place among those that the gateway takes: free again once the last copy of this value is gone.
    std::shared_ptr<const void> slot;
};

} // namespace takt::carrier

Q_DECLARE_METATYPE(takt::carrier::Pass)
