// SPDX-License-Identifier: GPL-3.0-or-later
// The messages that the carrier sends, in its exact shapes: numbers as decimal strings, one sequence over all types.
// Pure; one per call, carrier thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace takt::sim {

struct CallIdentity {
    std::string accountSid;
    std::string callSid;
    std::string streamSid;
    std::map<std::string, std::string> parameters;
};

class StreamWriter
{
public:
    explicit StreamWriter(CallIdentity identity)
        : m_identity(std::move(identity))
    {
    }

    [[nodiscard]] const CallIdentity &identity() const { return m_identity; }
    [[nodiscard]] static std::string connected();
    [[nodiscard]] std::string start(const std::string &encoding = "audio/x-mulaw", int sampleRate = 8000);
    // The reference is valid until the next call of media(): one buffer is reused for the per-frame path.
    [[nodiscard]] const std::string &media(std::int64_t timestampMs, std::span<const std::uint8_t> audio);
    [[nodiscard]] std::string mediaWith(std::int64_t timestampMs, const std::string &payload, const std::string &extra);
    [[nodiscard]] std::string mark(const std::string &name);
    [[nodiscard]] std::string dtmf(char digit);
    [[nodiscard]] std::string stop();
    [[nodiscard]] std::string unknownEvent();

private:
    [[nodiscard]] std::string next() { return std::to_string(++m_sequence); }

    CallIdentity m_identity;
    std::int64_t m_sequence = 0;
    std::int64_t m_chunk = 0;
    std::string m_buffer;
};

// A JSON string literal, quotes included.
[[nodiscard]] std::string quoted(const std::string &text);

} // namespace takt::sim
