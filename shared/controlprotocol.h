// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the operator's protocol, which CONTROL.md describes. Append-only. Pure; any thread.
#pragma once

#include <QLatin1StringView>

namespace takt::control {

// Grows when a client of before would misunderstand; what is only added is among the hello's features.
inline constexpr int kProtocol = 1;
inline constexpr int kMaxLineBytes = 1024 * 1024; // of what clients send
inline constexpr int kLongestSentence = 500;      // that an agent is told to say, in characters

// Of the connection itself.
inline constexpr QLatin1StringView kSubscribe{"subscribe"};
inline constexpr QLatin1StringView kUnsubscribe{"unsubscribe"};
inline constexpr QLatin1StringView kViewOnly{"view_only"};
// Methods.
inline constexpr QLatin1StringView kStatus{"status"};
inline constexpr QLatin1StringView kDrain{"drain"};
inline constexpr QLatin1StringView kUndrain{"undrain"};
inline constexpr QLatin1StringView kCall{"call"};
inline constexpr QLatin1StringView kHangUp{"hangup"};
inline constexpr QLatin1StringView kTransfer{"transfer"};
inline constexpr QLatin1StringView kSay{"say"};
inline constexpr QLatin1StringView kMute{"mute"};
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
inline constexpr QLatin1StringView kHistory{"history"};
inline constexpr QLatin1StringView kFreeze{"freeze"};
inline constexpr QLatin1StringView kFlight{"flight"};
inline constexpr QLatin1StringView kFlights{"flights"};
// Topics.
inline constexpr QLatin1StringView kGatewayTopic{"gateway"};
inline constexpr QLatin1StringView kCallsTopic{"calls"};
inline constexpr QLatin1StringView kCallTopic{"call"}; // call/CA...
inline constexpr QLatin1StringView kTxTopic{"tx"};
inline constexpr QLatin1StringView kJobsTopic{"jobs"};
inline constexpr QLatin1StringView kFlightsTopic{"flights"};

} // namespace takt::control
