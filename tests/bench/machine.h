// SPDX-License-Identifier: GPL-3.0-or-later
// Where the figures were measured. Any thread.
#pragma once

#include <QString>

namespace takt::bench {

struct Machine {
    int cores = 0;
    QString kernel;
    QString processor;
};
[[nodiscard]] Machine thisMachine();
[[nodiscard]] double loadAverage(); // of the last minute

} // namespace takt::bench
