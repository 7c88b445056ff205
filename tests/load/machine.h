// SPDX-License-Identifier: GPL-3.0-or-later
// Where the figures were measured. Any thread.
#pragma once

#include <QString>

namespace takt::load {

struct Machine {
    int cores = 0;
    QString kernel;
    QString processor;
};
[[nodiscard]] Machine thisMachine();
[[nodiscard]] double loadAverage(); // of the last minute
// Of all cores since the machine started, that its host gave to others while somebody here wanted it.
[[nodiscard]] double stolenSeconds();

} // namespace takt::load
