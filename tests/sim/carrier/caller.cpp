// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/caller.h"

#include "media/g711.h"

#include <algorithm>
#include <limits>

namespace takt::sim {
namespace {

constexpr Nanos kBridge = 400 * kMillisecond; // an agent's pause shorter than this is within its speech
constexpr int kPatienceMs = 8'000;            // then the caller speaks though nobody answers

Nanos fromInt(int ms)
{
    return Nanos(ms) * kMillisecond;
}

} // namespace

Caller::Caller(const Voices &voices, Script script, double interruptProbability, std::uint64_t seed)
    : m_voices(voices)
    , m_script(std::move(script))
    , m_improvising(m_script.empty())
    , m_interrupt(interruptProbability)
    , m_random(seed)
    , m_noisy(m_random.chance(0.7))
{
}

void Caller::listen(Nanos now, bool agentAudible)
{
    if (!agentAudible)
        return;
    if (m_audibleSince < 0 || now - m_lastAudible > kBridge)
        m_audibleSince = now;
    m_lastAudible = now;
    m_heardInStep = true;
}

// A clip, or as many as are needed to speak for that long.
Step Caller::sentence(int atLeastMs)
{
    Step say{Step::Kind::Say, 0, {}, '1'};
    int length = 0;
    do {
        const auto pick = std::size_t(m_random.between(0, std::int64_t(m_voices.caller.size()) - 1));
        say.clips.push_back(pick);
        length += m_voices.caller[pick].ms();
    } while (length < atLeastMs);
    return say;
}

void Caller::improvise()
{
    m_script.push_back({Step::Kind::AwaitAgent, kPatienceMs, {}, '1'});
    if (m_random.chance(m_interrupt)) {
        m_script.push_back({Step::Kind::AwaitSpeech, int(m_random.between(250, 2500)), {}, '1'});
        m_script.push_back(sentence(1100));
    } else {
        m_script.push_back({Step::Kind::AwaitSilence, int(m_random.between(500, 1000)), {}, '1'});
        m_script.push_back(sentence(int(m_random.between(900, 3000))));
    }
}

void Caller::beginSpeech(const Step &step, Moment &moment)
{
    m_speech.clear();
    m_text.clear();
    m_spoken = 0;
    for (const std::size_t index : step.clips) {
        const Clip &clip = m_voices.caller[index % m_voices.caller.size()];
        if (!m_speech.empty()) // a breath between two phrases, too short to end a turn
            m_speech.insert(m_speech.end(), std::size_t(8 * m_random.between(60, 140)), 0);
        m_speech.insert(m_speech.end(), clip.speech.begin(), clip.speech.end());
        m_text += (m_text.empty() ? "" : " ") + clip.text;
    }
    m_speaking = true;
    moment.began = true;
}

Script Caller::rest() const
{
    if (m_improvising)
        return {};
    return m_script.empty() ? Script{{Step::Kind::Pause, std::numeric_limits<int>::max(), {}, '1'}} : m_script;
}

bool Caller::stepDone(const Step &step, Nanos now, Moment &moment)
{
    const Nanos since = now - m_stepSince;
    switch (step.kind) {
    case Step::Kind::AwaitAgent: return m_heardInStep || since > fromInt(step.ms);
    case Step::Kind::AwaitSilence: return now - m_lastAudible > fromInt(std::max(step.ms, 100)) || since > 60 * kSecond;
    case Step::Kind::AwaitSpeech: return now - m_audibleSince > fromInt(step.ms) || now - m_lastAudible > kBridge;
    case Step::Kind::Pause: return since >= fromInt(step.ms);
    case Step::Kind::Say:
        if (!m_speaking && m_spoken == 0)
            beginSpeech(step, moment);
        return !m_speaking;
    case Step::Kind::Press: moment.digit = step.digit; return true;
    case Step::Kind::HangUp: moment.hangUp = true; return false;
    }
    return true;
}

void Caller::fillNoise(PhoneFrame &frame)
{
    if (!m_noisy) {
        frame.fill(media::kSilence);
        return;
    }
    static constexpr std::array<std::uint8_t, 8> kMurmur{0xFF, 0xFE, 0x7E, 0x7F, 0xFD, 0x7D, 0xFF, 0x7E};
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < frame.size(); ++i) {
        if (i % 16 == 0)
            bits = m_random.next();
        frame[i] = kMurmur[bits & 7];
        bits >>= 3;
    }
}

Caller::Moment Caller::next(Nanos now, bool agentAudible, PhoneFrame &frame)
{
    Moment moment;
    listen(now, agentAudible);
    if (m_speaking && m_spoken >= m_speech.size()) {
        m_speaking = false;
        moment.ended = true;
    }
    for (;;) { // several steps may be over at once
        if (m_script.empty() && m_improvising)
            improvise();
        if (m_script.empty())
            break;
        if (m_stepSince < 0) {
            m_stepSince = now;
            m_heardInStep = agentAudible;
        }
        if (!stepDone(m_script.front(), now, moment))
            break;
        m_script.pop_front();
        m_stepSince = -1;
        m_spoken = 0;
    }
    moment.speaking = m_speaking;
    fillNoise(frame);
    if (m_speaking) {
        const std::size_t count = std::min(frame.size(), m_speech.size() - m_spoken);
        for (std::size_t i = 0; i < count; ++i)
            frame[i] = media::encodeMuLaw(m_speech[m_spoken + i]);
        m_spoken += count;
    }
    return moment;
}

} // namespace takt::sim
