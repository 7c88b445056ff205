// SPDX-License-Identifier: GPL-3.0-or-later
// How the beat was since the last look. Main thread.
#pragma once

#include "media/latenesshistogram.h"
#include "telemetry/counters.h"

#include <vector>

namespace takt {

class BeatWatch
{
public:
    // `now`: of each TX worker, since the start.
    void look(std::vector<media::LatenessHistogram::Snapshot> now)
    {
        media::LatenessHistogram::Snapshot since;
        for (std::size_t i = 0; i < now.size(); ++i)
            since.add(i < m_before.size() ? now[i].minus(m_before[i]) : now[i]);
        m_before = std::move(now);
        m_p99Ms = since.percentileMs(0.99);
        const qint64 stalls = telemetry::counted(telemetry::Counter::TxStalls);
        m_stalled = stalls > m_stalls;
        m_stalls = stalls;
    }
    [[nodiscard]] double p99Ms() const { return m_p99Ms; }
    [[nodiscard]] bool stalled() const { return m_stalled; }

private:
    std::vector<media::LatenessHistogram::Snapshot> m_before;
    double m_p99Ms = 0;
    qint64 m_stalls = 0;
    bool m_stalled = false;
};

} // namespace takt
