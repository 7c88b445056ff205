// SPDX-License-Identifier: GPL-3.0-or-later
// How a channel is cut into what is sent for transcription, a request a piece. Pure, and always the same for the same
// recording: an attempt goes on where an earlier one was stopped. Any thread.
#pragma once

#include "jobs/wavfile.h"

#include <QList>

namespace takt::jobs {

// Below it there is nothing to hear: -50 dBFS. Speech on the telephone is 20 dB above.
inline constexpr float kSilence = 100;

struct Piece {
    qint64 startMs = 0;
    qint64 endMs = 0;
    friend bool operator==(const Piece &, const Piece &) = default;
};

// For a server that says when each sentence was said: as long as may be, cut where it is quietest. Silent ones are left out.
[[nodiscard]] QList<Piece> longPieces(const Loudness &channel, qint64 maxMs);

// For a server that answers with nothing but the text: what was said in one go, so that each text has a time. Stretches of
// speech between silences of 700 ms or more are taken together, up to 30 s, unless the other side (may be null) spoke in
// between: then a reader needs to know which came first.
[[nodiscard]] QList<Piece> turnPieces(const Loudness &channel, const Loudness *other);

} // namespace takt::jobs
