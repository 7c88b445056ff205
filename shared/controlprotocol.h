// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's protocol: newline-delimited JSON over a local socket. The gateway speaks first:
//     {"type":"hello","protocol":1,"gateway":"0.1.0"}
// then answers requests, each with an id of the client's choice:
//     {"id":1,"method":"status"}   ->  {"id":1,"result":{...}}   or   {"id":1,"error":"..."}
// Methods, append-only:  status (protocol 1): a GatewaySnapshot.
// Pure; any thread.
#pragma once

#include <QLatin1StringView>

namespace takt::control {

inline constexpr int kProtocol = 1;
inline constexpr int kMaxLineBytes = 1024 * 1024;
inline constexpr QLatin1StringView kStatus{"status"};

} // namespace takt::control
