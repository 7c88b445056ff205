// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/vad.h"

#include "media/g711.h"

#include <algorithm>
#include <cmath>

namespace takt::sim {

// Threshold 0 is -60 dBFS, 0.5 is -42, 1 is -24: the service says only that louder surroundings need more.
double Vad::powerThreshold() const
{
    const double db = -60.0 + 36.0 * std::clamp(m_settings.threshold, 0.0, 1.0);
    const double level = 32768.0 * std::pow(10.0, db / 20.0);
    return level * level * kWindow;
}

void Vad::append(std::span<const std::uint8_t> muLaw, std::vector<Event> &events)
{
    for (const std::uint8_t code : muLaw) {
        const std::int64_t sample = media::decodeMuLaw(code);
        m_power += sample * sample;
        ++m_samples;
        if (++m_inWindow == kWindow)
            endWindow(events);
    }
}

void Vad::endWindow(std::vector<Event> &events)
{
    const bool loud = double(m_power) > powerThreshold();
    m_power = 0;
    m_inWindow = 0;
    const std::int64_t now = m_samples / 8;
    if (!m_speaking) {
        // Voices have holes of a window or two between syllables: let them shorten the onset, not end it.
        m_loudWindows = loud ? m_loudWindows + 1 : std::max(0, m_loudWindows - 2);
        if (m_loudWindows >= kOnsetWindows) {
            m_speaking = true;
            m_quietWindows = 0;
            const std::int64_t onset = now - 10 * m_loudWindows;
            events.push_back({true, std::max<std::int64_t>(0, onset - m_settings.prefixPaddingMs)});
        }
        return;
    }
    m_quietWindows = loud ? 0 : m_quietWindows + 1;
    if (10 * m_quietWindows >= std::max(10, m_settings.silenceDurationMs)) {
        m_speaking = false;
        m_loudWindows = 0;
        events.push_back({false, now});
    }
}

void Vad::reset()
{
    m_speaking = false;
    m_loudWindows = 0;
    m_quietWindows = 0;
}

} // namespace takt::sim
