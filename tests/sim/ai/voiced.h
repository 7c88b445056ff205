// SPDX-License-Identifier: GPL-3.0-or-later
// Where in a recording somebody speaks, by energy. Pure.
#pragma once

#include "sim/audio/recordedaudio.h"

#include <cstdint>
#include <span>
#include <vector>

namespace takt::sim {

struct Stretch {
    std::int64_t startMs = 0;
    std::int64_t endMs = 0;
    [[nodiscard]] std::int64_t ms() const { return endMs - startMs; }
};

// Stretches of speech; pauses shorter than 300 ms are within one. Relative to the loudest of the audio, so that
// levelling it changes nothing.
[[nodiscard]] std::vector<Stretch> voicedStretches(std::span<const std::int16_t> samples, int rate);
// ... of one side of a recording (0, 1) or of both mixed (2).
[[nodiscard]] std::vector<Stretch> voicedStretches(const RecordedAudio &audio, int channel);

} // namespace takt::sim
