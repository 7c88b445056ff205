// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with a call on purpose. Values; any thread.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string_view>

namespace takt::sim {

enum class CallFault {
    TimestampGaps, // frames that the network lost
    Jitter,        // frames held back, then sent in a burst
    Sequence,      // frames sent twice or in the wrong order
    Dtmf,          // the caller presses keys
    UnknownEvents, // events and fields from a newer protocol
    Fragmented,    // text messages in several WebSocket frames
    HangupNoStop,  // the socket is closed without a stop message
    Reset,         // the TCP connection is reset in mid-call
    StopReading,   // the peer reads no more: its window fills
    NeverStart,    // connected, and then nothing
    MediaBeforeStart,
    WrongFormat, // a start message that announces another encoding
    BrokenJson,
    BadBase64,
    Oversized,    // a message beyond 64 KiB
    SecondStream, // another stream for the same CallSid

    // Attacks, of telephone calls only: see allPhoneFaults().
    ReplayToken,    // the stream's URL is used a second time
    ForeignCallSid, // the start message names another call
    CutToken,       // the stream's URL without its last segment
    BadSignature,   // of the first webhook
    NoSignature,    // ... none
    BadUpgradeSignature,
    NoUpgradeSignature,
};

struct CallFaultInfo {
    CallFault fault;
    std::string_view name;
    bool hard; // the call can't be expected to go well: it is not judged by the limits
    std::string_view help;
};

using CallFaults = std::set<CallFault>;

[[nodiscard]] std::span<const CallFaultInfo> allCallFaults(); // of media streams
[[nodiscard]] std::span<const CallFaultInfo> allPhoneFaults();
[[nodiscard]] std::optional<CallFault> callFaultNamed(std::string_view name);
[[nodiscard]] std::string_view nameOf(CallFault fault);
[[nodiscard]] bool isHard(const CallFaults &faults);

} // namespace takt::sim
