// SPDX-License-Identifier: GPL-3.0-or-later
// Voice activity by energy, in the time of the audio appended and not of any clock, as the service counts. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace takt::sim {

struct VadSettings {
    double threshold = 0.5;
    int prefixPaddingMs = 300;
    int silenceDurationMs = 200;
};

class Vad
{
public:
    struct Event {
        bool started = false; // or stopped
        std::int64_t ms = 0;  // audio_start_ms (padding included) or audio_end_ms
    };

    void configure(const VadSettings &settings) { m_settings = settings; }
    // Takes µ-law audio and appends what it finds to `events`.
    void append(std::span<const std::uint8_t> muLaw, std::vector<Event> &events);
    [[nodiscard]] std::int64_t appendedMs() const { return m_samples / 8; }
    [[nodiscard]] bool speaking() const { return m_speaking; }
    void reset(); // the input buffer was cleared or committed by hand; time goes on

private:
    void endWindow(std::vector<Event> &events);
    [[nodiscard]] double powerThreshold() const;

    static constexpr int kWindow = 80;      // samples: 10 ms
    static constexpr int kOnsetWindows = 6; // a click is no speech

    VadSettings m_settings;
    std::int64_t m_samples = 0;
    std::int64_t m_power = 0; // of the window so far
    int m_inWindow = 0;
    int m_loudWindows = 0;
    int m_quietWindows = 0;
    bool m_speaking = false;
};

} // namespace takt::sim
