// SPDX-License-Identifier: GPL-3.0-or-later
// "Hears" what an upload says: it finds the stretches of speech, and recognizes the carrier's own recordings by the
// pattern of these stretches, whose words are known; chunks and mixes too. Of anything else it knows only how long the
// speech is. One in the office thread.
#pragma once

#include "sim/ai/voiced.h"
#include "sim/audio/wav.h"

#include <deque>
#include <optional>

namespace takt::sim {

struct Transcript {
    struct Segment {
        double start = 0; // seconds
        double end = 0;
        std::string text;
        double noSpeech = 0.02;
    };
    std::vector<Segment> segments;
    double seconds = 0;    // of the upload
    std::string recording; // recognized; empty: none
    int channel = -1;      // of it: 0 caller, 1 agent, 2 both mixed
    std::int64_t offsetMs = 0;

    [[nodiscard]] std::string text() const;
};

class Transcriber
{
public:
    void learn(const std::string &sid, const RecordedAudio &audio);
    [[nodiscard]] Transcript transcribe(const Pcm &pcm) const;

private:
    struct Known {
        std::string sid;
        int channel = 0;
        std::int64_t ms = 0;
        std::vector<Stretch> stretches;
        std::vector<Utterance> said;
    };
    struct Match {
        const Known *known = nullptr;
        std::int64_t offsetMs = 0; // of the upload's begin in the recording
        double score = 0;          // share of the stretches that are where they must be
        bool whole = false;        // the upload is as long as the recording
    };

    [[nodiscard]] Match find(const std::vector<Stretch> &heard, std::int64_t uploadMs) const;
    static void addKnown(const Match &match, const std::vector<Stretch> &heard, Transcript &transcript);

    static constexpr std::size_t kRemembered = 6000;
    std::deque<Known> m_known; // newest first
};

} // namespace takt::sim
