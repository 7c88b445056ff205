// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/multipart.h"

#include "sim/wire/httphead.h"

#include <algorithm>

namespace takt::sim {
namespace {

// A parameter of a header's value, with or without quotes.
std::string parameterOf(std::string_view value, const std::string &name)
{
    const std::string lower = lowered(value);
    for (std::size_t at = lower.find(name + "="); at != std::string::npos; at = lower.find(name + "=", at + 1)) {
        if (at > 0 && lower[at - 1] != ' ' && lower[at - 1] != ';')
            continue; // "filename=" has "name=" in it
        std::string_view rest = value.substr(at + name.size() + 1);
        if (!rest.starts_with('"'))
            return std::string(rest.substr(0, rest.find(';')));
        rest.remove_prefix(1);
        return std::string(rest.substr(0, rest.find('"')));
    }
    return {};
}

bool readHeaders(std::string_view text, FormPart &part)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 2, text.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            return false;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        const std::string header = lowered(line.substr(0, colon));
        if (header == "content-disposition") {
            part.name = parameterOf(value, "name");
            part.filename = parameterOf(value, "filename");
        } else if (header == "content-type") {
            part.contentType = std::string(value);
        }
    }
    return !part.name.empty();
}

} // namespace

std::optional<Multipart> Multipart::parse(const std::string &contentType, std::string_view body)
{
    const std::string boundary = parameterOf(contentType, "boundary");
    if (!lowered(contentType).starts_with("multipart/form-data") || boundary.empty())
        return std::nullopt;
    const std::string line = "--" + boundary;
    if (!body.starts_with(line))
        return std::nullopt;
    body.remove_prefix(line.size());
    Multipart form;
    while (!body.starts_with("--")) {
        const std::size_t head = body.find("\r\n\r\n");
        if (!body.starts_with("\r\n") || head == std::string_view::npos)
            return std::nullopt;
        const std::size_t end = body.find("\r\n" + line, head + 2);
        FormPart part;
        if (end == std::string_view::npos
            || !readHeaders(head > 2 ? body.substr(2, head - 2) : std::string_view(), part))
            return std::nullopt;
        if (end > head + 4)
            part.data = body.substr(head + 4, end - head - 4);
        form.parts.push_back(std::move(part));
        body.remove_prefix(end + 2 + line.size());
    }
    return form;
}

const FormPart *Multipart::find(std::string_view name) const
{
    const auto found = std::find_if(parts.begin(), parts.end(),
                                    [&](const FormPart &part) { return part.name == name; });
    return found == parts.end() ? nullptr : &*found;
}

std::string Multipart::value(std::string_view name) const
{
    const FormPart *part = find(name);
    return part != nullptr ? std::string(part->data) : std::string();
}

std::vector<std::string> Multipart::values(std::string_view name) const
{
    std::vector<std::string> found;
    for (const FormPart &part : parts) {
        if (part.name == name)
            found.emplace_back(part.data);
    }
    return found;
}

} // namespace takt::sim
