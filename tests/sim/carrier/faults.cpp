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

constexpr std::array kPhoneFaults{
    CallFaultInfo{CallFault::ReplayToken, "replay", true, "uses the media stream's URL a second time"},
    CallFaultInfo{CallFault::ForeignCallSid, "foreign-sid", true, "names another call in the start message"},
    CallFaultInfo{CallFault::CutToken, "cut-token", true, "leaves the last segment of the stream's URL away"},
    CallFaultInfo{CallFault::BadSignature, "bad-signature", true, "signs the voice webhook wrongly"},
    CallFaultInfo{CallFault::NoSignature, "no-signature", true, "doesn't sign the voice webhook"},
    CallFaultInfo{CallFault::BadUpgradeSignature, "bad-upgrade-signature", true, "signs the upgrade wrongly"},
    CallFaultInfo{CallFault::NoUpgradeSignature, "no-upgrade-signature", true, "doesn't sign the upgrade"},
};

const CallFaultInfo *find(const auto &matches)
{
    for (const std::span<const CallFaultInfo> list : {allCallFaults(), allPhoneFaults()}) {
        const auto found = std::find_if(list.begin(), list.end(), matches);
        if (found != list.end())
            return &*found;
    }
    return nullptr;
}

} // namespace

std::span<const CallFaultInfo> allCallFaults()
{
    return kFaults;
}

std::span<const CallFaultInfo> allPhoneFaults()
{
    return kPhoneFaults;
}

std::optional<CallFault> callFaultNamed(std::string_view name)
{
    const CallFaultInfo *info = find([&](const CallFaultInfo &candidate) { return candidate.name == name; });
    return info != nullptr ? std::optional(info->fault) : std::nullopt;
}

std::string_view nameOf(CallFault fault)
{
    const CallFaultInfo *info = find([&](const CallFaultInfo &candidate) { return candidate.fault == fault; });
    return info != nullptr ? info->name : std::string_view();
}

bool isHard(const CallFaults &faults)
{
    return find([&](const CallFaultInfo &info) { return info.hard && faults.contains(info.fault); }) != nullptr;
}

} // namespace takt::sim
