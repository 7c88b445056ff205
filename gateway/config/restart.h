// SPDX-License-Identifier: GPL-3.0-or-later
// Settings read anew: which of them a running gateway can't take. Pure.
#pragma once

#include "config/settings.h"

namespace takt::config {

// What takes effect only with a restart goes back to what is running, so that no part of the gateway has the new value
// already. Returns the keys that were to change.
[[nodiscard]] QStringList keepWhatNeedsRestart(Settings &fresh, const Settings &running);

} // namespace takt::config
