// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/httphead.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace takt::sim {
namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool readFirstLine(std::string_view line, HttpHead &head)
{
    if (line.starts_with("HTTP/1.")) {
        head.first = std::string(line);
        head.status = line.size() >= 12 ? std::atoi(std::string(line.substr(9, 3)).c_str()) : 0;
        return head.status >= 100;
    }
    const std::size_t one = line.find(' ');
    const std::size_t two = line.rfind(' ');
    if (one == std::string_view::npos || two <= one || !line.substr(two + 1).starts_with("HTTP/1."))
        return false;
    head.first = std::string(line.substr(0, one));
    head.target = std::string(line.substr(one + 1, two - one - 1));
    return true;
}

} // namespace

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return out;
}

std::optional<HttpHead> HttpHead::parse(std::string_view text)
{
    HttpHead head;
    bool first = true;
    while (!text.empty()) {
        const std::size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        if (first && !readFirstLine(line, head))
            return std::nullopt;
        if (!first) {
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos)
                return std::nullopt;
            head.headers[lowered(line.substr(0, colon))] = std::string(trimmed(line.substr(colon + 1)));
        }
        first = false;
    }
    return first ? std::nullopt : std::optional(head);
}

std::optional<std::string> HttpHead::query(std::string_view name) const
{
    const std::size_t mark = target.find('?');
    std::string_view rest = mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const std::size_t equals = pair.find('=');
        if (pair.substr(0, equals) == name)
            return std::string(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::string acceptFor(std::string_view key)
{
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData(QByteArrayView(key.data(), qsizetype(key.size())));
    hash.addData(QByteArrayView("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    return hash.result().toBase64().toStdString();
}

} // namespace takt::sim
