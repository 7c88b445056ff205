// SPDX-License-Identifier: GPL-3.0-or-later
// What one caller's line brought, in order, by the kernel's receive stamps. Plain values.
#pragma once

#include "sim/wire/clock.h"

#include <vector>

namespace takt::load {

struct Arrival {
    enum class Kind { Frame, Clear };
    Kind kind = Kind::Frame;
    sim::Nanos at = 0;
    sim::Nanos firedAt = 0; // of a clear: when the model had told the barge-in; 0: not known
};
using Trace = std::vector<Arrival>;

} // namespace takt::load
