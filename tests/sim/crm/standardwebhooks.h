// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures of Standard Webhooks (standardwebhooks.com, symmetric ones) as a receiver checks them: the independent check
// of the gateway's own. Pure, told the time.
#pragma once

#include "sim/wire/httphead.h"

#include <cstdint>

namespace takt::sim {

inline constexpr std::int64_t kWebhookTolerance = 300; // seconds, both ways

// "v1," and base64 of the HMAC-SHA256 over id.timestamp.body; nothing if the secret is none.
[[nodiscard]] std::string webhookSignature(const std::string &secret, const std::string &id,
                                           const std::string &timestamp, const std::string &body);
// What is wrong with a delivery, in words, or nothing.
[[nodiscard]] std::string wrongWebhook(const std::string &secret, const HttpHead &head, const std::string &body,
                                       std::int64_t now);

} // namespace takt::sim
