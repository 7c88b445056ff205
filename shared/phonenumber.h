// SPDX-License-Identifier: GPL-3.0-or-later
// How a telephone number is written. Pure; any thread.
#pragma once

#include <QString>

namespace takt {

// What a person or a carrier writes as a telephone number, as E.164 ("+" and 7 to 15 digits) or as a sip: address. Empty
// when it is neither.
[[nodiscard]] QString normalisedNumber(const QString &number);

} // namespace takt
