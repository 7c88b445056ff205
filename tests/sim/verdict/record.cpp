// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/verdict/record.h"

#include <utility>

namespace takt::sim {
namespace {

template <typename T>
void append(std::vector<T> &into, const std::vector<T> &from)
{
    into.insert(into.end(), from.begin(), from.end());
}

} // namespace

void addStream(CallRecord &call, CallRecord stream)
{
    if (!call.connected) { // the first that came about says the most
        stream.phone = std::move(call.phone);
        stream.number = call.number;
        stream.healthy = stream.healthy && call.healthy;
        call = std::move(stream);
        return;
    }
    if (!stream.connected)
        return;
    call.seconds += stream.seconds;
    call.healthy = call.healthy && stream.healthy;
    call.completed = stream.completed;
    call.closedByGateway = call.closedByGateway || stream.closedByGateway;
    call.closeCode = stream.closeCode;
    call.closeReason = stream.closeReason;
    call.linked = call.linked || stream.linked;
    for (const auto member :
         {&CallRecord::frames, &CallRecord::bytes, &CallRecord::wrongSize, &CallRecord::marks, &CallRecord::clears,
          &CallRecord::bursts, &CallRecord::stalls, &CallRecord::unmeasured, &CallRecord::gapSum,
          &CallRecord::agentHeard, &CallRecord::silenceInSpeech, &CallRecord::repeated, &CallRecord::missingTruncates})
        call.*member += stream.*member;
    call.worstGap = std::max(call.worstGap, stream.worstGap);
    append(call.gapErrorUs, stream.gapErrorUs);
    append(call.cutMs, stream.cutMs);
    append(call.afterInterruptionMs, stream.afterInterruptionMs);
    append(call.endErrorMs, stream.endErrorMs);
    append(call.responseMs, stream.responseMs);
    for (const auto &[what, occurrence] : stream.faults) {
        Occurrence &sum = call.faults[what];
        if (sum.count == 0)
            sum.example = occurrence.example;
        sum.count += occurrence.count;
    }
    if (call.firstCut.empty())
        call.firstCut = stream.firstCut;
}

} // namespace takt::sim
