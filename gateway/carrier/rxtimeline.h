// SPDX-License-Identifier: GPL-3.0-or-later
// The caller's audio on its own time line. The model counts time in appended audio, so a frame that the carrier lost
// would shift everything after it: missing time (seen by media.timestamp) is to be filled with silence. Pure; lives in
// the TX worker's thread.
#pragma once

#include <QtGlobal>

namespace takt::carrier {

class RxTimeline
{
public:
    // No more silence than this for one hole. A jump back by more is a restart of the carrier's clock, not a repeat.
    static constexpr int kMaxPadMs = 10'000;
    // No stream lasts thirty years: such a stamp is nonsense.
    static constexpr qint64 kMaxTimestampMs = 1'000'000'000'000;

    struct Verdict {
        bool accept = true; // false: repeated or out of order, drop it
        int padMs = 0;      // silence to insert before this audio
    };
    Verdict onMedia(qint64 timestampMs, qint64 audioBytes);

private:
    qint64 m_nextMs = -1; // where the next audio should begin
};

} // namespace takt::carrier
