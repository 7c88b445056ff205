// SPDX-License-Identifier: GPL-3.0-or-later
// Which resource ended it: from what was seen when the beat slipped. Pure.
#pragma once

#include "sim/capacity/evidence.h"

#include <QString>
#include <QStringList>

namespace takt::capacity {

enum class Resource {
    LoadGenerator, // not the gateway: this program could not make or measure more
    GatewayEnded,  // it crashed, or was killed
    Memory,
    Descriptors,
    Backlog,    // of the listening socket
    Others,     // programs that have nothing to do with this
    Steal,      // by the host of this virtual machine
    Thread,     // one of the gateway's, whatever cores there are
    Cores,      // all that the gateway may use
    Scheduling, // it waited for a processor, although there was time left
    Gate,       // the gateway refuses, and nothing else is short
    Unknown,
};
[[nodiscard]] QString name(Resource resource);

struct Cause {
    Resource resource = Resource::Unknown;
    QString why;        // a sentence with the figures
    QStringList beside; // what else was seen and is worth knowing
};
[[nodiscard]] Cause causeOf(const Evidence &evidence);

} // namespace takt::capacity
