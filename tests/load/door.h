// SPDX-License-Identifier: GPL-3.0-or-later
// The public port of the program under test, and how the carrier proves there who it is. Plain values; any thread.
#pragma once

#include "sim/wire/tlsstream.h"

#include <string>
#include <vector>

namespace takt::load {

inline constexpr auto kAccount = "AC00000000000000000000000000000001";
inline constexpr auto kAuthToken = "bench";

struct Door {
    int port = 0;
    std::string authToken;            // what the carrier signs with; empty: the program takes anyone (--insecure)
    std::string path = "/media";      // of streams that bring no token
    sim::TlsContextPtr tls = nullptr; // null: without

    [[nodiscard]] bool isOpen() const { return authToken.empty(); }
};

// A request that announces a call, as the carrier makes it: whole, signed if the door wants that.
[[nodiscard]] std::string voiceRequest(const Door &door, const std::string &callSid);
// The same without a signature, or with a wrong one.
[[nodiscard]] std::string unsignedVoiceRequest(const Door &door, const std::string &callSid,
                                               const std::string &signature);
// X-Twilio-Signature for a URL without parameters, a stream's for example.
[[nodiscard]] std::string signatureFor(const Door &door, const std::string &url);
[[nodiscard]] std::string paddedSid(const char *prefix, int number);

} // namespace takt::load
