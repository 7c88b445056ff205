// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/stallplan.h"

#include "sim/wire/random.h"

namespace takt::bench {

using sim::Nanos;

namespace {

Nanos seconds(double value)
{
    return Nanos(value * double(sim::kSecond));
}

} // namespace

Nanos phaseBegin(std::size_t i)
{
    double sum = 0;
    for (std::size_t before = 0; before < i; ++before)
        sum += kStallPhases[before].seconds;
    return seconds(sum);
}

std::vector<Stall> stallPlan(std::uint64_t seed)
{
    sim::Random random(seed);
    std::vector<Stall> plan;
    for (std::size_t i = 0; i < kStallPhases.size(); ++i) {
        const StallPhase &phase = kStallPhases[i];
        if (phase.everySeconds <= 0)
            continue;
        Nanos free = phaseBegin(i);
        for (;;) {
            const Stall stall{free + seconds(phase.everySeconds * random.real(0.5, 1.5)),
                              Nanos(random.real(phase.leastMs, phase.mostMs) * double(sim::kMillisecond))};
            free = stall.at + stall.length;
            if (free >= phaseBegin(i + 1))
                break;
            plan.push_back(stall);
        }
    }
    return plan;
}

} // namespace takt::bench
