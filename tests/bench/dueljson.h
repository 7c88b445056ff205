// SPDX-License-Identifier: GPL-3.0-or-later
// What --attack found, as parts of the report's JSON. Pure.
#pragma once

#include "bench/duel.h"

#include <QJsonObject>

namespace takt::bench {

[[nodiscard]] QJsonObject attackJson(const AttackFigures &attack);
[[nodiscard]] QJsonObject duelJson(const Duel &duel, const Options &options);

} // namespace takt::bench
