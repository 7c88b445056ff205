// SPDX-License-Identifier: GPL-3.0-or-later
// What an abuser of each kind says. Pure.
#pragma once

#include "bench/attackfigures.h"
#include "load/door.h"
#include "load/exchange.h"
#include "sim/wire/random.h"

namespace takt::bench {

[[nodiscard]] load::Words abuse(AttackKind kind, const load::Door &door, sim::Random &random);
[[nodiscard]] bool isRight(AttackKind kind, const load::Door &door, int status);

} // namespace takt::bench
