// SPDX-License-Identifier: GPL-3.0-or-later
// Flight records as `takt-gateway ctl` prints them. The process's only thread.
#pragma once

#include <QJsonObject>
#include <QString>

namespace takt::control {

// The answer of the method `flights`: one a line.
[[nodiscard]] QString flightsText(const QJsonObject &result);
// The answer of `freeze` or `flight`: what happened, in order. What is as it should be is told in one line for all that
// comes in a row.
[[nodiscard]] QString flightText(const QJsonObject &result);

} // namespace takt::control
