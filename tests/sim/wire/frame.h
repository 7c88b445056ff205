// SPDX-License-Identifier: GPL-3.0-or-later
// WebSocket framing (RFC 6455, section 5) without a socket: bytes to messages and back, and strict about what a peer
// may send. Pure; belongs to whoever owns it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace takt::sim {

enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

using MaskKey = std::array<std::uint8_t, 4>;

// Appends one frame. A mask key is what a client must use and a server must not.
void appendFrame(std::string &out, Opcode opcode, std::string_view payload, const std::optional<MaskKey> &mask,
                 bool final = true);
void applyMask(char *bytes, std::size_t size, const MaskKey &key);

class FrameReader
{
public:
    struct Message {
        Opcode opcode = Opcode::Text;
        std::string_view payload; // valid until the next call of next() or feed()
    };
    static constexpr std::size_t kMaxMessage = 32U << 20;

    explicit FrameReader(bool peerMasks)
        : m_peerMasks(peerMasks)
    {
    }

    void feed(std::string_view bytes);
    // The next whole message (fragments joined) or control frame; nothing when more bytes are needed or after an error.
    [[nodiscard]] std::optional<Message> next();
    [[nodiscard]] bool hasMore() const { return m_at < m_in.size(); }
    // What the peer did wrong, once it did; the stream can't be read any further.
    [[nodiscard]] const std::string &error() const { return m_error; }

private:
    struct Head {
        Opcode opcode = Opcode::Text;
        bool final = true;
        bool masked = false;
        std::uint64_t length = 0;
        std::size_t size = 0; // of the head itself
        MaskKey key{};
    };

    [[nodiscard]] bool readHead(Head &head);
    [[nodiscard]] bool acceptable(const Head &head, std::uint8_t reserved);
    [[nodiscard]] std::optional<Message> take(const Head &head, std::string_view payload);
    bool fail(const char *what)
    {
        m_error = what;
        return false;
    }

    bool m_peerMasks;
    std::string m_in;
    std::size_t m_at = 0;
    bool m_joining = false;
    Opcode m_joinedOpcode = Opcode::Text;
    std::string m_joined;
    std::string m_error;
};

} // namespace takt::sim
