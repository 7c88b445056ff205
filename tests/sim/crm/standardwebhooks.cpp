// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/crm/standardwebhooks.h"

#include "sim/wire/base64.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace takt::sim {
namespace {

constexpr std::string_view kPrefix = "whsec_";

} // namespace

std::string webhookSignature(const std::string &secret, const std::string &id, const std::string &timestamp,
                             const std::string &body)
{
    std::string key;
    if (!secret.starts_with(kPrefix) || !fromBase64(std::string_view(secret).substr(kPrefix.size()), key))
        return {};
    const std::string message = id + "." + timestamp + "." + body;
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto bytes = asBytes(message);
    HMAC(EVP_sha256(), key.data(), int(key.size()), bytes.data(), bytes.size(), digest.data(), &size);
    return "v1," + toBase64(std::span(digest).first(size));
}

std::string wrongWebhook(const std::string &secret, const HttpHead &head, const std::string &body, std::int64_t now)
{
    const std::string id = head.header("webhook-id");
    const std::string timestamp = head.header("webhook-timestamp");
    const std::string signatures = head.header("webhook-signature");
    if (id.empty() || timestamp.empty() || signatures.empty())
        return "a header is missing";
    std::int64_t when = 0;
    const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), when);
    if (error != std::errc() || end != timestamp.data() + timestamp.size())
        return "the timestamp is not a number";
    if (when < now - kWebhookTolerance)
        return "the timestamp is too old";
    if (when > now + kWebhookTolerance)
        return "the timestamp is in the future";
    const std::string expected = webhookSignature(secret, id, timestamp, body);
    for (std::size_t at = 0; at <= signatures.size();) {
        const std::size_t next = std::min(signatures.find(' ', at), signatures.size());
        if (!expected.empty() && signatures.compare(at, next - at, expected) == 0)
            return {};
        at = next + 1;
    }
    return "no signature fits";
}

} // namespace takt::sim
