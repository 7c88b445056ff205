// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/url.h"

#include "sim/wire/httphead.h"

#include <algorithm>
#include <charconv>

namespace takt::sim {

std::optional<Url> Url::parse(std::string_view text)
{
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    Url url;
    url.scheme = lowered(text.substr(0, colon));
    std::string_view rest = text.substr(colon + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, slash);
    url.target = std::string(rest.substr(slash));
    if (url.target.empty() || url.target.front() != '/')
        url.target.insert(0, "/");
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
        authority.remove_prefix(at + 1);
    if (const std::size_t mark = authority.rfind(':'); mark != std::string_view::npos) {
        const std::string_view digits = authority.substr(mark + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (error != std::errc() || end != digits.data() + digits.size())
            return std::nullopt;
        authority = authority.substr(0, mark);
    }
    url.host = std::string(authority);
    const bool clean = std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= ' '; });
    return url.host.empty() || !clean ? std::nullopt : std::optional(url);
}

std::optional<Url> Url::resolved(std::string_view reference) const
{
    if (reference.find("://") != std::string_view::npos)
        return parse(reference);
    const std::string origin = scheme + "://" + authority();
    if (reference.starts_with("//"))
        return parse(scheme + ":" + std::string(reference));
    if (reference.empty())
        return *this;
    if (reference.front() == '/')
        return parse(origin + std::string(reference));
    const std::string path = target.substr(0, target.find('?'));
    if (reference.front() == '?')
        return parse(origin + path + std::string(reference));
    return parse(origin + path.substr(0, path.rfind('/') + 1) + std::string(reference));
}

} // namespace takt::sim
