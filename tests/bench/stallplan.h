// SPDX-License-Identifier: GPL-3.0-or-later
// When the gateway is made to stand still, and for how long: the weather in which settings of tx.lead_ms are compared. Pure:
// the same seed is the same weather.
#pragma once

#include "sim/wire/clock.h"

#include <array>
#include <cstdint>
#include <vector>

namespace takt::bench {

struct StallPhase {
    const char *name;
    double seconds;
    double
        everySeconds; // mean time from a stall's end to the next one, even from half of it to one and a half; 0: none
    double leastMs, mostMs; // of a stall, evenly distributed
};
// The second calm is long enough for a cushion of any height to melt.
inline constexpr std::array kStallPhases{
    StallPhase{"calm", 10, 0, 0, 0},
    StallPhase{"rare long", 40, 4, 60, 200},
    StallPhase{"calm again", 80, 0, 0, 0},
    StallPhase{"many short", 15, 0.5, 10, 40},
};

struct Stall {
    sim::Nanos at = 0; // from the beginning
    sim::Nanos length = 0;
    friend bool operator==(const Stall &, const Stall &) = default;
};

// When phase `i` begins; of the one after the last: when all is over.
[[nodiscard]] sim::Nanos phaseBegin(std::size_t i);
// In order, none into the next phase.
[[nodiscard]] std::vector<Stall> stallPlan(std::uint64_t seed);

} // namespace takt::bench
