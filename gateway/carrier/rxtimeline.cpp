// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/rxtimeline.h"

#include "media/frame.h"

#include <algorithm>

namespace takt::carrier {

RxTimeline::Verdict RxTimeline::onMedia(qint64 timestampMs, qint64 audioBytes)
{
    if (timestampMs > kMaxTimestampMs)
        return {false, 0};
    const qint64 endMs = timestampMs + audioBytes / media::kBytesPerMs;
    if (m_nextMs < 0) {
        m_nextMs = endMs;
        return {};
    }
    // The stamps of real streams wobble by some milliseconds: only a whole frame's worth means anything.
    const qint64 holeMs = timestampMs - m_nextMs;
    const bool restarted = holeMs < -kMaxPadMs;
    if (holeMs <= -media::kFrameMs && !restarted)
        return {false, 0};
    m_nextMs = endMs;
    return {true, holeMs >= media::kFrameMs ? int(std::min<qint64>(holeMs, kMaxPadMs)) : 0};
}

} // namespace takt::carrier
