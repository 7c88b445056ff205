// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/form.h"

#include <algorithm>
#include <cctype>

namespace takt::sim {
namespace {

void append(std::string &out, std::string_view text)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '*') {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        }
    }
}

int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const int letter = std::tolower(static_cast<unsigned char>(c));
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

} // namespace

std::string toForm(const Params &params)
{
    std::string out;
    for (const auto &[name, value] : params) {
        if (!out.empty())
            out += '&';
        append(out, name);
        out += '=';
        append(out, value);
    }
    return out;
}

Params fromForm(std::string_view text)
{
    Params params;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t equals = pair.find('=');
        if (!pair.empty())
            params.emplace_back(decoded(pair.substr(0, equals)),
                                equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1)));
    }
    return params;
}

std::string valueOf(const Params &params, std::string_view name)
{
    for (const auto &[key, value] : params) {
        if (key == name)
            return value;
    }
    return {};
}

bool has(const Params &params, std::string_view name)
{
    return std::any_of(params.begin(), params.end(), [&](const auto &param) { return param.first == name; });
}

std::vector<std::string> valuesOf(const Params &params, std::string_view name)
{
    std::vector<std::string> values;
    for (const auto &[key, value] : params) {
        if (key == name)
            values.push_back(value);
    }
    return values;
}

} // namespace takt::sim
