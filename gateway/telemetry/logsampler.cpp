// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/logsampler.h"

#include <algorithm>
#include <utility>

namespace takt::telemetry {

bool LogSampler::admit(const LogLine &line, qint64 nowMs)
{
    if (line.sameAs == 0)
        return true;
    auto seen = m_seen.find(line.sameAs);
    const bool isFull = seen == m_seen.end() && m_seen.size() >= kMost;
    if (isFull)
        seen = m_seen.find(line.kind);
    if (seen == m_seen.end()) {
        m_seen.insert(isFull ? line.kind : line.sameAs, {nowMs});
        return true;
    }
    if (seen->hidden == 0 && nowMs - seen->shownAtMs >= kSecondMs) {
        seen->shownAtMs = nowMs;
        return true;
    }
    ++seen->hidden;
    seen->last = line;
    return false;
}

std::vector<LogSampler::Repeated> LogSampler::due(qint64 nowMs)
{
    std::vector<Repeated> all;
    for (auto it = m_seen.begin(); it != m_seen.end();) {
        if (nowMs - it->shownAtMs < kSecondMs) {
            ++it;
        } else if (it->hidden == 0) {
            it = m_seen.erase(it);
        } else {
            all.push_back({std::move(it->last), it->hidden - 1});
            *it = {nowMs};
            ++it;
        }
    }
    std::sort(all.begin(), all.end(), [](const Repeated &a, const Repeated &b) { return a.line.atMs < b.line.atMs; });
    return all;
}

} // namespace takt::telemetry
