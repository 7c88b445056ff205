// SPDX-License-Identifier: GPL-3.0-or-later
// Standard base64 (RFC 4648, section 4) for the per-frame path, and strict: what is not canonical is refused. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace takt::sim {

void appendBase64(std::string &out, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string toBase64(std::span<const std::uint8_t> bytes);

// Replaces `out`. False, with `out` in an unspecified state, for a wrong length, a foreign character, misplaced
// padding or unused bits that are not zero.
[[nodiscard]] bool fromBase64(std::string_view text, std::string &out);

[[nodiscard]] inline std::span<const std::uint8_t> asBytes(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

} // namespace takt::sim
