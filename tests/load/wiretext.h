// SPDX-License-Identifier: GPL-3.0-or-later
// A flat reading of JSON text: enough for the few messages that the load times, and cheaper than a parser, since what
// the load costs is taken from the processors of the program under test. Pure.
#pragma once

#include <string>
#include <string_view>

namespace takt::load {

// The text value of the first member with this name, wherever it is; `quotedKey` comes with its quotes. Escapes stay.
[[nodiscard]] inline std::string_view textOf(std::string_view json, std::string_view quotedKey)
{
    std::size_t at = json.find(quotedKey);
    if (at == std::string_view::npos)
        return {};
    at = json.find_first_not_of(" \t\r\n:", at + quotedKey.size());
    if (at == std::string_view::npos || json[at] != '"')
        return {};
    const std::size_t end = json.find('"', at + 1);
    return end == std::string_view::npos ? std::string_view() : json.substr(at + 1, end - at - 1);
}

// The object that is the value of the first member with this name, braces included.
[[nodiscard]] inline std::string_view objectOf(std::string_view json, std::string_view quotedKey)
{
    const std::size_t key = json.find(quotedKey);
    const std::size_t start = key == std::string_view::npos ? key : json.find('{', key);
    if (start == std::string_view::npos)
        return {};
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = start; i < json.size(); ++i) {
        const char c = json[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            return json.substr(start, i - start + 1);
        }
    }
    return {};
}

// How many bytes a base64 text stands for.
[[nodiscard]] inline std::size_t decodedSize(std::string_view base64)
{
    std::size_t size = base64.size() / 4 * 3;
    for (std::size_t i = base64.size(); i > 0 && base64[i - 1] == '=' && size > 0; --i)
        --size;
    return size;
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace takt::load
