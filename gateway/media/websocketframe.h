// SPDX-License-Identifier: GPL-3.0-or-later
// The head and the mask of a WebSocket frame (RFC 6455, 5.2 and 5.3), for those who pass QWebSocket by. Any thread.
#pragma once

#include <QtGlobal>

#include <array>
#include <cstring>

namespace takt::media::websocket {

inline constexpr uchar kText = 0x81;        // first byte of a whole text message: FIN, no reserved bit, opcode 1
inline constexpr uchar kControl = 0x88;     // of a control frame, opcode 8 or above: close, ping, pong
inline constexpr uchar kControlBits = 0xF8; // what of the first byte says so
inline constexpr uchar kMasked = 0x80;      // in the second byte; the other seven bits are a length, or:
inline constexpr uchar kLength16 = 126;     // it follows, 16 bits
inline constexpr uchar kLength64 = 127;     // it follows, 64 bits
inline constexpr qsizetype kMaxShort = 125; // longest payload whose length needs no bytes of its own
inline constexpr qsizetype kMaskBytes = 4;

using Mask = std::array<char, kMaskBytes>;

// Masks and unmasks. Eight bytes at a time: every byte of every call passes here.
inline void applyMask(const Mask &mask, char *payload, qsizetype size)
{
    std::array<char, 2 * kMaskBytes> twice{};
    std::memcpy(twice.data(), mask.data(), mask.size());
    std::memcpy(twice.data() + mask.size(), mask.data(), mask.size());
    quint64 wide = 0;
    static_assert(sizeof wide == sizeof twice);
    std::memcpy(&wide, twice.data(), sizeof wide);
    qsizetype i = 0;
    for (; i + qsizetype(sizeof wide) <= size; i += qsizetype(sizeof wide)) {
        quint64 part = 0;
        std::memcpy(&part, payload + i, sizeof part);
        part ^= wide;
        std::memcpy(payload + i, &part, sizeof part);
    }
    for (; i < size; ++i)
        payload[i] = char(payload[i] ^ mask[std::size_t(i % kMaskBytes)]);
}

} // namespace takt::media::websocket
