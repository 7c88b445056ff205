// SPDX-License-Identifier: GPL-3.0-or-later
// What --attack and --jobs found, as parts of the report's JSON. Pure.
#pragma once

#include "bench/duel.h"
#include "bench/workduel.h"

#include <QJsonObject>

namespace takt::bench {

[[nodiscard]] QJsonObject figuresJson(const Figures &figures);
[[nodiscard]] QJsonObject attackJson(const AttackFigures &attack);
[[nodiscard]] QJsonObject duelJson(const Duel &duel, const Options &options);
[[nodiscard]] QJsonObject workJson(const WorkFigures &work);
[[nodiscard]] QJsonObject workDuelJson(const WorkDuel &duel, const Options &options);

} // namespace takt::bench
