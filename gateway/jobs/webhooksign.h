// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures of the webhooks that we send, by the Standard Webhooks specification 1.0 (standardwebhooks.com): symmetric,
// "v1". Pure; any thread.
#pragma once

#include "shared/result.h"

#include <QByteArray>
#include <QList>
#include <QPair>

namespace takt::jobs {

// Decoded. More than one while a secret is rotated: each signs, and the receiver may know either.
using WebhookKeys = QList<QByteArray>;

// "whsec_" and the base64 of 24 to 64 bytes; several are separated by spaces. Empty text: no key. The error names no secret.
[[nodiscard]] Result<WebhookKeys> parseWebhookKeys(const QString &text);

// A new webhook-id.
[[nodiscard]] QByteArray newWebhookId();

[[nodiscard]] QByteArray webhookSignature(const WebhookKeys &keys, const QByteArray &id, qint64 atSeconds,
                                          const QByteArray &body);
// webhook-id, webhook-timestamp (of this attempt) and, with a key, webhook-signature.
[[nodiscard]] QList<QPair<QByteArray, QByteArray>> webhookHeaders(const WebhookKeys &keys, const QByteArray &id,
                                                                  qint64 atSeconds, const QByteArray &body);

} // namespace takt::jobs
