// SPDX-License-Identifier: GPL-3.0-or-later
// The head of an HTTP/1.1 request or response, as far as a WebSocket handshake needs it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace takt::sim {

struct HttpHead {
    std::string first;                          // a response's status line, or a request's method
    std::string target;                         // of a request
    int status = 0;                             // of a response
    std::map<std::string, std::string> headers; // names in lower case; values trimmed

    [[nodiscard]] std::string header(const std::string &lowerName) const
    {
        const auto found = headers.find(lowerName);
        return found == headers.end() ? std::string() : found->second;
    }
    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
    // The raw value of a query parameter, or nothing.
    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;

    // From everything before the empty line. Nothing if it isn't HTTP/1.1.
    static std::optional<HttpHead> parse(std::string_view text);
};

[[nodiscard]] std::string lowered(std::string_view text);
// What a server must answer to this Sec-WebSocket-Key.
[[nodiscard]] std::string acceptFor(std::string_view key);

} // namespace takt::sim
