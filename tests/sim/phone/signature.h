// SPDX-License-Identifier: GPL-3.0-or-later
// X-Twilio-Signature as the carrier makes it (twilio.com/docs/usage/security): the independent check of the gateway's
// own. Pure.
#pragma once

#include "sim/verdict/phonerecord.h"

#include <string>

namespace takt::sim {

// Base64 of the HMAC-SHA1 over the URL and the decoded parameters, sorted by name; of a repeated name every different
// value counts once.
[[nodiscard]] std::string signatureOf(const std::string &token, const std::string &url, const Params &params = {});
// The text of a URL that is signed for it: no userinfo and no fragment; https without its port.
[[nodiscard]] std::string signedUrl(const std::string &url);
[[nodiscard]] std::string sha256Hex(const std::string &body);

} // namespace takt::sim
