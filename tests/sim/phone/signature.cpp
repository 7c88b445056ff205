// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/signature.h"

#include "sim/wire/base64.h"
#include "sim/wire/url.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <set>

namespace takt::sim {

std::string signatureOf(const std::string &token, const std::string &url, const Params &params)
{
    // A set of pairs is the whole rule: bytewise order by name, then by value, and no pair twice.
    const std::set<std::pair<std::string, std::string>> sorted(params.begin(), params.end());
    std::string message = url;
    for (const auto &[name, value] : sorted)
        message += name + value;
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const std::span<const std::uint8_t> bytes = asBytes(message);
    HMAC(EVP_sha1(), token.data(), int(token.size()), bytes.data(), bytes.size(), digest.data(), &size);
    return toBase64(std::span(digest).first(size));
}

std::string signedUrl(const std::string &url)
{
    const auto parsed = Url::parse(url);
    if (!parsed)
        return url;
    return parsed->scheme == "https" ? parsed->withoutPort() : parsed->text();
}

std::string sha256Hex(const std::string &body)
{
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(body.data(), body.size(), digest.data(), &size, EVP_sha256(), nullptr);
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += kDigits[digest[i] >> 4U];
        out += kDigits[digest[i] & 15U];
    }
    return out;
}

} // namespace takt::sim
