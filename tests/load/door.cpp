// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/door.h"

#include "sim/wire/base64.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <span>
#include <string_view>

namespace takt::load {

namespace {

constexpr auto kVoicePath = "/twilio/voice";
constexpr auto kCaller = "15550100001";
constexpr auto kCalled = "15550100002";

std::string signatureOf(const std::string &token, const std::string &message)
{
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const std::span<const std::uint8_t> bytes = sim::asBytes(message);
    HMAC(EVP_sha1(), token.data(), int(token.size()), bytes.data(), bytes.size(), digest.data(), &size);
    return sim::toBase64(std::span(digest).first(size));
}

std::string origin(const Door &door)
{
    return "http://127.0.0.1:" + std::to_string(door.port);
}

std::string joined(std::initializer_list<std::string_view> parts)
{
    std::string all;
    for (const std::string_view part : parts)
        all += part;
    return all;
}

} // namespace

std::string signatureFor(const Door &door, const std::string &url)
{
    return signatureOf(door.authToken, url);
}

std::string voiceRequest(const Door &door, const std::string &callSid)
{
    if (door.isOpen())
        return unsignedVoiceRequest(door, callSid, {});
    // Name and value of each parameter, sorted by name.
    const std::string parameters = joined({"AccountSid", kAccount, "CallSid", callSid, "CallStatusringing",
                                           "Directioninbound", "From+", kCaller, "To+", kCalled});
    return unsignedVoiceRequest(door, callSid, signatureFor(door, origin(door) + kVoicePath + parameters));
}

std::string unsignedVoiceRequest(const Door &door, const std::string &callSid, const std::string &signature)
{
    const std::string body = joined({"AccountSid=", kAccount, "&CallSid=", callSid,
                                     "&CallStatus=ringing&Direction=inbound&From=%2B", kCaller, "&To=%2B", kCalled});
    return joined({"POST ", kVoicePath, " HTTP/1.1\r\nHost: 127.0.0.1:", std::to_string(door.port),
                   "\r\nUser-Agent: TwilioProxy/1.1\r\n"
                   "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n",
                   signature.empty() ? "" : "X-Twilio-Signature: ", signature, signature.empty() ? "" : "\r\n",
                   "Content-Length: ", std::to_string(body.size()), "\r\n\r\n", body});
}

std::string paddedSid(const char *prefix, int number)
{
    std::array<char, 48> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s%032d", prefix, number);
    return {text.data(), std::size_t(size)};
}

} // namespace takt::load
