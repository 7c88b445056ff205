// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace takt::media {

namespace {

const uchar *octets(const char *bytes)
{
    return reinterpret_cast<const uchar *>(bytes);
}
uchar *octets(QByteArray &bytes)
{
    return reinterpret_cast<uchar *>(bytes.data());
}

bool isDigit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::optional<QByteArray> decodedByQt(QByteArrayView text)
{
    if (text.size() % 4 == 1) // a lone last character, which Qt overlooks
        return {};
    auto result = QByteArray::fromBase64Encoding(QByteArray::fromRawData(text.data(), text.size()),
                                                 QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!result)
        return {};
    return std::move(result.decoded);
}

} // namespace

QByteArray toBase64(QByteArrayView bytes)
{
    QByteArray text((bytes.size() + 2) / 3 * 4 + 1, Qt::Uninitialized); // and the zero that OpenSSL writes behind it
    text.truncate(EVP_EncodeBlock(octets(text), octets(bytes.data()), int(bytes.size())));
    return text;
}

std::optional<QByteArray> fromBase64(QByteArrayView text)
{
    const auto isPadding = [](char c) { return c == '='; };
    const auto padding = std::find_if_not(text.rbegin(), text.rend(), isPadding) - text.rbegin();
    const QByteArrayView digits = text.chopped(padding);
    // OpenSSL wants whole groups of four, takes padding for a zero wherever it stands, and skips what does not belong at
    // both ends. Whatever is not as plain as that goes to Qt.
    const bool plain = !digits.isEmpty() && text.size() % 4 == 0 && padding <= 2 && isDigit(digits.front())
                       && isDigit(digits.back()) && std::none_of(digits.begin(), digits.end(), isPadding);
    if (!plain)
        return decodedByQt(text);
    QByteArray bytes(text.size() / 4 * 3, Qt::Uninitialized);
    if (EVP_DecodeBlock(octets(bytes), octets(text.data()), int(text.size())) < 0)
        return {};
    bytes.chop(padding);
    return bytes;
}

} // namespace takt::media
