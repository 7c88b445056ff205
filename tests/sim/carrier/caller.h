// SPDX-License-Identifier: GPL-3.0-or-later
// A caller: follows a script of listening and speaking, and gives the 160 bytes that leave its telephone every 20 ms.
// Pure, told the time and whether the agent can be heard; one per call, carrier thread.
#pragma once

#include "sim/audio/voices.h"
#include "sim/wire/clock.h"
#include "sim/wire/random.h"

#include <array>
#include <deque>
#include <optional>

namespace takt::sim {

using PhoneFrame = std::array<std::uint8_t, 160>;

struct Step {
    enum class Kind {
        AwaitAgent,   // until the agent is heard, at most `ms`
        AwaitSilence, // until the agent has been silent for `ms`
        AwaitSpeech,  // until the agent has spoken for `ms` on end, or has stopped speaking
        Pause,        // `ms`
        Say,          // `clips`, one after another
        Press,        // a key: `digit`
        HangUp,
    };
    Kind kind = Kind::Pause;
    int ms = 0;
    std::vector<std::size_t> clips;
    char digit = '1';
};
using Script = std::deque<Step>;

class Caller
{
public:
    struct Moment {
        bool speaking = false;
        bool began = false; // speech begins with this frame; `text` is what is said
        bool ended = false; // the frame before was the last of the speech
        std::optional<char> digit;
        bool hangUp = false;
    };

    // An empty script means conversation by chance until the call ends: listen, answer, and now and then interrupt.
    Caller(const Voices &voices, Script script, double interruptProbability, std::uint64_t seed);

    // The next 20 ms.
    Moment next(Nanos now, bool agentAudible, PhoneFrame &frame);
    [[nodiscard]] const std::string &text() const { return m_text; }
    // What is left of a script; empty for a conversation by chance. One that has nothing more to say says nothing.
    [[nodiscard]] Script rest() const;

private:
    void listen(Nanos now, bool agentAudible);
    [[nodiscard]] bool stepDone(const Step &step, Nanos now, Moment &moment);
    void beginSpeech(const Step &step, Moment &moment);
    void improvise();
    [[nodiscard]] Step sentence(int atLeastMs);
    void fillNoise(PhoneFrame &frame);

    const Voices &m_voices;
    Script m_script;
    bool m_improvising;
    double m_interrupt;
    Random m_random;
    bool m_noisy; // a line with a little noise, or a digital one with pure silence
    Nanos m_stepSince = -1;
    Nanos m_audibleSince = -1; // the agent's current speech, short gaps bridged
    Nanos m_lastAudible = -1;
    bool m_heardInStep = false;
    std::vector<std::int16_t> m_speech; // being said
    std::size_t m_spoken = 0;
    bool m_speaking = false;
    std::string m_text;
};

} // namespace takt::sim
