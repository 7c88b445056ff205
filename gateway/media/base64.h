// SPDX-License-Identifier: GPL-3.0-or-later
// Base64 (RFC 4648, 4) as both wires carry their audio, by OpenSSL: two to four times as fast as Qt's. Any thread.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace takt::media {

[[nodiscard]] QByteArray toBase64(QByteArrayView bytes);
// Nothing when there is a character that does not belong, or one left over. Padding may be missing.
[[nodiscard]] std::optional<QByteArray> fromBase64(QByteArrayView text);

} // namespace takt::media
