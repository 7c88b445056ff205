// SPDX-License-Identifier: GPL-3.0-or-later
// What an abuser of each kind says. Pure.
#pragma once

#include "bench/attackfigures.h"
#include "bench/door.h"
#include "sim/wire/random.h"

#include "sim/wire/clock.h"

#include <string>

namespace takt::bench {

struct Abuse {
    std::string first;    // as soon as it is connected
    std::string piece;    // then again and again, until it is closed
    sim::Nanos every = 0; // 0: nothing more
};
[[nodiscard]] Abuse abuse(AttackKind kind, const Door &door, sim::Random &random);
[[nodiscard]] bool isRight(AttackKind kind, const Door &door, int status);

} // namespace takt::bench
