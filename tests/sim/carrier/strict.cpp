// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/strict.h"

#include "sim/wire/base64.h"

#include <simdjson.h>

#include <initializer_list>
#include <optional>

namespace takt::sim {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

StreamFault fault(std::string text)
{
    return {31951, std::move(text)};
}

// Exactly these keys, each once; what is wrong otherwise.
std::optional<StreamFault> checkKeys(const object &object, std::initializer_list<std::string_view> keys,
                                     std::string_view where)
{
    std::size_t count = 0;
    for (const auto field : object) {
        bool known = false;
        for (const std::string_view key : keys)
            known = known || key == field.key;
        if (!known)
            return fault("extra field \"" + std::string(field.key) + "\" in " + std::string(where));
        ++count;
    }
    for (const std::string_view key : keys) {
        if (object.at_key(key).error() != simdjson::SUCCESS)
            return fault("field \"" + std::string(key) + "\" is missing in " + std::string(where));
    }
    if (count != keys.size())
        return fault("a field is given twice in " + std::string(where));
    return std::nullopt;
}

std::optional<std::string_view> text(const object &object, std::string_view key)
{
    std::string_view value;
    if (object.at_key(key).get_string().get(value) != simdjson::SUCCESS)
        return std::nullopt;
    return value;
}

GatewayMessage readMedia(const object &media)
{
    if (const auto wrong = checkKeys(media, {"payload"}, "media"))
        return *wrong;
    const auto payload = text(media, "payload");
    if (!payload)
        return fault("media.payload is not a string");
    MediaMessage message;
    if (!fromBase64(*payload, message.audio))
        return fault("media.payload is not canonical base64");
    if (message.audio.empty())
        return fault("media.payload is empty");
    if (message.audio.starts_with("RIFF"))
        return fault("media.payload begins with a WAV header");
    return message;
}

GatewayMessage readMark(const object &mark)
{
    if (const auto wrong = checkKeys(mark, {"name"}, "mark"))
        return *wrong;
    const auto name = text(mark, "name");
    if (!name || name->empty())
        return fault("mark.name is not a string, or empty");
    return MarkMessage{std::string(*name)};
}

} // namespace

StrictReader::StrictReader()
    : m_parser(std::make_unique<simdjson::dom::parser>())
{
}

StrictReader::~StrictReader() = default;

GatewayMessage StrictReader::read(std::string_view json, std::string_view streamSid)
{
    element document;
    object top;
    if (m_parser->parse(json.data(), json.size()).get(document) != simdjson::SUCCESS)
        return fault("not JSON: " + std::string(json.substr(0, 80)));
    if (document.get_object().get(top) != simdjson::SUCCESS)
        return fault("not a JSON object");
    const auto event = text(top, "event");
    if (!event)
        return fault("field \"event\" is missing or not a string");
    const bool isMedia = *event == "media";
    const bool isMark = *event == "mark";
    if (!isMedia && !isMark && *event != "clear")
        return fault("unknown event \"" + std::string(*event) + "\"");
    const auto wrong = isMedia  ? checkKeys(top, {"event", "streamSid", "media"}, "the media message")
                       : isMark ? checkKeys(top, {"event", "streamSid", "mark"}, "the mark message")
                                : checkKeys(top, {"event", "streamSid"}, "the clear message");
    if (wrong)
        return *wrong;
    if (text(top, "streamSid") != streamSid)
        return fault("wrong streamSid in a " + std::string(*event) + " message");
    if (!isMedia && !isMark)
        return ClearMessage{};
    object body;
    if (top.at_key(*event).get_object().get(body) != simdjson::SUCCESS)
        return fault("\"" + std::string(*event) + "\" is not an object");
    return isMedia ? readMedia(body) : readMark(body);
}

} // namespace takt::sim
