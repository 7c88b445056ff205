// SPDX-License-Identifier: GPL-3.0-or-later
// The two sides of a recorded call, as µ-law, and the words that were said where they are known. Values; shared
// between threads once nobody changes them any more.
#pragma once

#include "sim/audio/voices.h"

#include <array>
#include <memory>
#include <span>

namespace takt::sim {

struct Utterance {
    int channel = 0; // 0: the caller, 1: the agent
    std::int64_t startMs = 0;
    std::int64_t endMs = 0;
    std::string text;
};

struct RecordedAudio {
    std::array<std::string, 2> tracks; // may be shorter than the recording: the rest is silence
    std::size_t samples = 0;
    std::size_t loop = 0; // samples after which everything repeats, words included; 0: nothing repeats
    std::vector<Utterance> said;
    int channels = 2; // that the carrier gives out: 1 is both mixed

    [[nodiscard]] std::int64_t ms() const { return std::int64_t(samples / 8); }
    [[nodiscard]] std::int16_t sample(int channel, std::size_t index) const;
    [[nodiscard]] std::int16_t mixed(std::size_t index) const;
    // Little-endian, interleaved if there are two channels.
    [[nodiscard]] std::string pcm(std::size_t from, std::size_t count, int asChannels) const;
    [[nodiscard]] std::size_t memory() const { return tracks[0].size() + tracks[1].size(); }
};
using RecordedAudioPtr = std::shared_ptr<const RecordedAudio>;

// A conversation of that length made of a few sentences in a loop, another order for every seed.
[[nodiscard]] RecordedAudio syntheticAudio(const Voices &voices, double seconds, std::uint64_t seed);
// The words of a sentence that are said between two fractions of its time.
[[nodiscard]] std::string wordsWithin(const std::string &text, double from, double to);

} // namespace takt::sim
