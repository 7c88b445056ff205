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
//     jobs [state, stage, call_sid, limit]
//                             the deferred work: {"jobs":[JobSnapshot...], "counts":{state:n}, "closed":"why no job starts",
//                             "paused":[stage...]}. state "open": what is not finished; all may be left out
//     job [id]                {"job":JobSnapshot, "attempts":[AttemptSnapshot...]}
//     retry [id]              runs a finished job again with all that comes behind it, a waiting one now. {}
//     cancel [id]             {}
//     pause, resume [stage]   no job of that stage starts, or of any ("*"). {}
//     leads [business, limit] {"leads":[...]}
//     lead [id]               {"lead":{...}, "history":[...]}
//     set_lead_status [id, status]   a person's edit, which no call will change. {}
//     record [call_sid]       what is on record of a call, live or past: {"call":{...}, "turns":[...], "results":{...}, ...}
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
inline constexpr QLatin1StringView kJobs{"jobs"};
inline constexpr QLatin1StringView kJob{"job"};
inline constexpr QLatin1StringView kRetry{"retry"};
inline constexpr QLatin1StringView kCancel{"cancel"};
inline constexpr QLatin1StringView kPause{"pause"};
inline constexpr QLatin1StringView kResume{"resume"};
inline constexpr QLatin1StringView kLeads{"leads"};
inline constexpr QLatin1StringView kLead{"lead"};
inline constexpr QLatin1StringView kSetLeadStatus{"set_lead_status"};
inline constexpr QLatin1StringView kRecord{"record"};

} // namespace takt::control
