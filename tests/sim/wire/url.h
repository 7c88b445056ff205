// SPDX-License-Identifier: GPL-3.0-or-later
// A URL taken apart without changing a byte of it: signatures are over the text as it was written. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace takt::sim {

struct Url {
    std::string scheme; // in lower case
    std::string host;
    std::uint16_t port = 0; // 0: not written
    std::string target;     // path and query, raw; at least "/"

    static std::optional<Url> parse(std::string_view text); // userinfo and fragment are dropped
    [[nodiscard]] bool encrypted() const { return scheme == "https" || scheme == "wss"; }
    [[nodiscard]] std::uint16_t portOrDefault() const { return port != 0 ? port : (encrypted() ? 443 : 80); }
    [[nodiscard]] std::string authority() const { return port != 0 ? host + ":" + std::to_string(port) : host; }
    [[nodiscard]] std::string text() const { return scheme + "://" + authority() + target; }
    [[nodiscard]] std::string withoutPort() const { return scheme + "://" + host + target; }
    // What this reference means in a document fetched from here.
    [[nodiscard]] std::optional<Url> resolved(std::string_view reference) const;
};

} // namespace takt::sim
