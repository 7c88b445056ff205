// SPDX-License-Identifier: GPL-3.0-or-later
// What the searches found, as text for people, as the README's table and as JSON. Pure.
#pragma once

#include "load/machine.h"
#include "sim/capacity/level.h"

#include <QByteArray>

namespace takt::capacity {

struct Found {
    Variant variant;
    int held = 0;               // calls; 0: none
    std::optional<int> slipped; // the fewest that were too many; nothing: the search ended at its upper end
    std::vector<Level> levels;  // all that were measured, in order
};

// Medians of the measurements of the number that held; nothing: none did.
[[nodiscard]] std::optional<LevelFigures> figuresOf(const Found &found);
// Of the fewest calls that were too many: the one seen last.
[[nodiscard]] const Level *endOf(const Found &found);

[[nodiscard]] QString variantText(const Variant &variant);
[[nodiscard]] QString levelText(const Level &level);
[[nodiscard]] QString foundText(const Found &found);
[[nodiscard]] QString table(const std::vector<Found> &all, const load::Machine &machine, const Options &options);
[[nodiscard]] QByteArray toJson(const std::vector<Found> &all, const load::Machine &machine, const Options &options);

} // namespace takt::capacity
