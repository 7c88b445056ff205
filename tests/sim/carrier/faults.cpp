// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/faults.h"

#include <algorithm>
#include <array>

namespace takt::sim {
namespace {

constexpr std::array kFaults{
    CallFaultInfo{CallFault::TimestampGaps, "gaps", false, "frames missing from the caller's audio"},
    CallFaultInfo{CallFault::Jitter, "jitter", false, "caller frames late, then in a burst"},
    CallFaultInfo{CallFault::Sequence, "sequence", false, "caller frames twice or out of order"},
    CallFaultInfo{CallFault::Dtmf, "dtmf", false, "the caller presses keys"},
    CallFaultInfo{CallFault::UnknownEvents, "unknown", false, "events and fields nobody has heard of"},
    CallFaultInfo{CallFault::Fragmented, "fragments", false, "messages in several WebSocket frames"},
    CallFaultInfo{CallFault::HangupNoStop, "hangup", false, "closes without a stop message"},
    CallFaultInfo{CallFault::Reset, "reset", true, "TCP reset in mid-call"},
    CallFaultInfo{CallFault::StopReading, "deaf", true, "stops reading in mid-call"},
    CallFaultInfo{CallFault::NeverStart, "no-start", true, "never sends start"},
    CallFaultInfo{CallFault::MediaBeforeStart, "early-media", true, "media before start"},
    CallFaultInfo{CallFault::WrongFormat, "format", true, "announces another media format"},
    CallFaultInfo{CallFault::BrokenJson, "json", true, "sends broken JSON"},
    CallFaultInfo{CallFault::BadBase64, "base64", true, "sends a payload that is not base64"},
    CallFaultInfo{CallFault::Oversized, "oversized", true, "sends a message beyond 64 KiB"},
    CallFaultInfo{CallFault::SecondStream, "twice", true, "opens a second stream for the same call"},
};

} // namespace

std::span<const CallFaultInfo> allCallFaults()
{
    return kFaults;
}

std::optional<CallFault> callFaultNamed(std::string_view name)
{
    for (const CallFaultInfo &info : kFaults) {
        if (info.name == name)
            return info.fault;
    }
    return std::nullopt;
}

bool isHard(const CallFaults &faults)
{
    return std::any_of(kFaults.begin(), kFaults.end(),
                       [&](const CallFaultInfo &info) { return info.hard && faults.contains(info.fault); });
}

} // namespace takt::sim
