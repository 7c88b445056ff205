// SPDX-License-Identifier: GPL-3.0-or-later
// The speech of a run, loaded once before the calls begin and only read afterwards (any thread): what callers say
// (recorded human voices, or espeak-ng) and what the agent says (espeak-ng sentences, or the recordings).
#pragma once

#include "shared/result.h"

#include <QString>

#include <cstdint>
#include <string>
#include <vector>

namespace takt::sim {

struct Clip {
    std::string text;                 // what is said, where it is known
    std::vector<std::int16_t> speech; // 8 kHz, levelled, without silence at its ends

    [[nodiscard]] int ms() const { return int(speech.size() / 8); }
};

struct Voices {
    std::vector<Clip> caller;
    std::vector<Clip> agent; // the first one is the greeting

    // From DIR if one is named, else from alsa-utils' recordings and espeak-ng, whichever are there.
    [[nodiscard]] static Result<Voices> load(const QString &clipsDir);
    // Synthetic speech-like bursts, for tests on machines without any voice.
    [[nodiscard]] static Voices synthetic();
};

} // namespace takt::sim
