// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's language: words, numbers and the direction of everything. GUI's thread.
#pragma once

#include <QLocale>

namespace takt::console {

// Takes the place of the language before; windows made from now on speak it.
void speak(const QLocale &locale);

} // namespace takt::console
