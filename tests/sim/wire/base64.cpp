// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/base64.h"

#include <array>

namespace takt::sim {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 0xFF;

constexpr std::array<std::uint8_t, 256> makeReverse()
{
    std::array<std::uint8_t, 256> table{};
    table.fill(kForeign);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        table[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}

constexpr std::array<std::uint8_t, 256> kReverse = makeReverse();

std::uint32_t valueOf(char c)
{
    return kReverse[static_cast<std::uint8_t>(c)];
}

// The last group, which may carry padding.
bool decodeTail(std::string_view group, std::string &out)
{
    const bool one = group[2] == '=';
    const bool two = group[3] == '=';
    const std::uint32_t a = valueOf(group[0]);
    const std::uint32_t b = valueOf(group[1]);
    const std::uint32_t c = one ? 0 : valueOf(group[2]);
    const std::uint32_t d = two ? 0 : valueOf(group[3]);
    if (((a | b | c | d) & 0xC0) != 0 || (one && !two))
        return false;
    if ((one && (b & 0x0F) != 0) || (!one && two && (c & 0x03) != 0))
        return false; // unused bits must be zero, or two texts would mean the same bytes
    const std::uint32_t bits = (a << 18) | (b << 12) | (c << 6) | d;
    out.push_back(static_cast<char>(bits >> 16));
    if (!one)
        out.push_back(static_cast<char>(bits >> 8));
    if (!two)
        out.push_back(static_cast<char>(bits));
    return true;
}

} // namespace

void appendBase64(std::string &out, std::span<const std::uint8_t> bytes)
{
    const std::size_t start = out.size();
    out.resize(start + 4 * ((bytes.size() + 2) / 3));
    char *to = out.data() + start;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t bits = std::uint32_t(bytes[i]) << 16 | std::uint32_t(bytes[i + 1]) << 8 | bytes[i + 2];
        *to++ = kAlphabet[bits >> 18];
        *to++ = kAlphabet[(bits >> 12) & 63];
        *to++ = kAlphabet[(bits >> 6) & 63];
        *to++ = kAlphabet[bits & 63];
    }
    if (i == bytes.size())
        return;
    const bool two = i + 2 == bytes.size();
    const std::uint32_t bits = std::uint32_t(bytes[i]) << 16 | (two ? std::uint32_t(bytes[i + 1]) << 8 : 0U);
    *to++ = kAlphabet[bits >> 18];
    *to++ = kAlphabet[(bits >> 12) & 63];
    *to++ = two ? kAlphabet[(bits >> 6) & 63] : '=';
    *to = '=';
}

std::string toBase64(std::span<const std::uint8_t> bytes)
{
    std::string out;
    appendBase64(out, bytes);
    return out;
}

bool fromBase64(std::string_view text, std::string &out)
{
    out.clear();
    if (text.size() % 4 != 0)
        return false;
    if (text.empty())
        return true;
    out.reserve(text.size() / 4 * 3);
    const std::size_t tail = text.size() - 4;
    for (std::size_t i = 0; i < tail; i += 4) {
        const std::uint32_t a = valueOf(text[i]);
        const std::uint32_t b = valueOf(text[i + 1]);
        const std::uint32_t c = valueOf(text[i + 2]);
        const std::uint32_t d = valueOf(text[i + 3]);
        if (((a | b | c | d) & 0xC0) != 0)
            return false;
        const std::uint32_t bits = (a << 18) | (b << 12) | (c << 6) | d;
        const char triple[3] = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
        out.append(triple, 3);
    }
    return decodeTail(text.substr(tail), out);
}

} // namespace takt::sim
