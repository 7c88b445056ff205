// SPDX-License-Identifier: GPL-3.0-or-later
// What the two sides of the load tell each other: the carrier thread and the model thread both read and write it, the
// main thread starts and ends the measured span.
#pragma once

#include "sim/wire/clock.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt::load {

struct Board {
    struct Call {
        std::atomic<sim::Nanos> startSent{0};  // by the carrier: `start` went out
        std::atomic<sim::Nanos> bargeFired{0}; // by the model: the caller barged in, and no `clear` came yet
    };
    explicit Board(int count)
        : calls(std::size_t(count))
    {
    }

    std::vector<Call> calls;
    std::atomic<bool> measuring{false};
    std::atomic<int> callsOpen{0};
    std::atomic<int> callsFailed{0};
    std::atomic<int> sessionsReady{0};
};

// The model knows a session and the carrier knows a call; which belong together is told by the caller's audio, each
// frame of which begins with a byte that is nowhere else in it and the number of the call.
namespace signature {

inline constexpr char kSentinel = '\xFD';
inline constexpr int kMaxCalls = 4096;

inline void write(std::string &frame, int call)
{
    for (std::size_t i = 0; i < frame.size(); ++i)
        frame[i] = static_cast<char>(0xF0 + i % 12);
    frame[0] = kSentinel;
    frame[1] = static_cast<char>(0x80 | (call & 0x3F));
    frame[2] = static_cast<char>(0x80 | ((call >> 6) & 0x3F));
}

[[nodiscard]] inline std::optional<int> read(std::string_view audio)
{
    const std::size_t at = audio.find(kSentinel);
    if (at == std::string_view::npos || at + 2 >= audio.size())
        return std::nullopt;
    return (audio[at + 1] & 0x3F) | ((audio[at + 2] & 0x3F) << 6);
}

} // namespace signature
} // namespace takt::load
