// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alarms.h"

#include <algorithm>

namespace takt::console {

int News::look(const QList<std::pair<qint64, int>> &happened)
{
    const bool first = m_seenMs < 0;
    qint64 latestMs = std::max<qint64>(0, m_seenMs);
    int found = 0;
    for (const auto &[atMs, count] : happened) {
        if (atMs > m_seenMs)
            found += count;
        latestMs = std::max(latestMs, atMs);
    }
    m_seenMs = latestMs;
    return first ? 0 : found;
}

int Bell::ring(Alarm kind, int count, qint64 nowMs)
{
    Past &past = m_past[kind];
    past.keptBack += count;
    if (past.keptBack == 0 || nowMs - past.rangAtMs < kQuietMs)
        return 0;
    past.rangAtMs = nowMs;
    return std::exchange(past.keptBack, 0);
}

} // namespace takt::console
