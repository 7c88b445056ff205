// SPDX-License-Identifier: GPL-3.0-or-later
// Of lines that repeat each other one a second is shown, with how many were not. Pure, told the time; lives in the log
// thread.
#pragma once

#include "telemetry/logline.h"

#include <QHash>

#include <limits>
#include <vector>

namespace takt::telemetry {

class LogSampler
{
public:
    static constexpr qint64 kSecondMs = 1000;
    // What is told apart within a second: three or four lines about each of a thousand calls. Whatever else comes is told
    // apart by its kind alone, so that no names that strangers invent make the log, or our memory, longer.
    static constexpr qsizetype kMost = 4096;

    struct Repeated {
        LogLine line; // the last one that was not shown
        int more = 0; // ... and how many before it
    };

    // True: show it now. Else it is kept, and told of by due().
    [[nodiscard]] bool admit(const LogLine &line, qint64 nowMs);
    // What was kept for a second. Forgets what did not repeat.
    [[nodiscard]] std::vector<Repeated> due(qint64 nowMs);
    // All that was kept: the log ends.
    [[nodiscard]] std::vector<Repeated> rest() { return due(std::numeric_limits<qint64>::max()); }
    // Something is kept, or must be forgotten.
    [[nodiscard]] bool pending() const { return !m_seen.isEmpty(); }

private:
    struct Seen {
        qint64 shownAtMs = 0;
        int hidden = 0;
        LogLine last{};
    };
    QHash<quint64, Seen> m_seen;
};

} // namespace takt::telemetry
