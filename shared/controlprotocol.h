// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's protocol: newline-delimited JSON over a local socket. The gateway speaks first:
//     {"type":"hello","protocol":1,"gateway":"0.1.0"}
// then answers requests, each with an id of the client's choice:
//     {"id":1,"method":"status","params":{...}}   ->  {"id":1,"result":{...}}   or   {"id":1,"error":"..."}
// Methods, append-only; parameters in brackets:
//     status                  a GatewaySnapshot
//     drain                   no new calls; the gateway exits once the live ones are over. {"calls":n}
//     undrain                 takes calls again, if it is not too late. {}
//     call [to, business]     rings somebody; business may be left out where there is one. {"call_sid":"CA..."}
//     hangup [call_sid]       ends a live call. {}
// Pure; any thread.
#pragma once

#include <QLatin1StringView>

namespace takt::control {

inline constexpr int kProtocol = 1;
inline constexpr int kMaxLineBytes = 1024 * 1024;
inline constexpr QLatin1StringView kStatus{"status"};
inline constexpr QLatin1StringView kDrain{"drain"};
inline constexpr QLatin1StringView kUndrain{"undrain"};
inline constexpr QLatin1StringView kCall{"call"};
inline constexpr QLatin1StringView kHangUp{"hangup"};

} // namespace takt::control
