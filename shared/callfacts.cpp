// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/callfacts.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

QLatin1StringView name(EndReason reason)
{
    switch (reason) {
    case EndReason::CarrierStop: return "carrier_stop"_L1;
    case EndReason::CarrierClosed: return "carrier_closed"_L1;
    case EndReason::CarrierStalled: return "carrier_stalled"_L1;
    case EndReason::CarrierProtocol: return "carrier_protocol"_L1;
    case EndReason::CarrierCompleted: return "carrier_completed"_L1;
    case EndReason::Replaced: return "replaced"_L1;
    case EndReason::ModelUnavailable: return "model_unavailable"_L1;
    case EndReason::ModelFailed: return "model_failed"_L1;
    case EndReason::AgentHangup: return "agent_hangup"_L1;
    case EndReason::Transferred: return "transferred"_L1;
    case EndReason::OperatorHangup: return "operator_hangup"_L1;
    case EndReason::Shutdown: return "shutdown"_L1;
    case EndReason::GatewayDied: return "gateway_died"_L1;
    case EndReason::CarrierSilent: return "carrier_silent"_L1;
    }
    return "unknown"_L1;
}

QLatin1StringView name(Speaker speaker)
{
    return speaker == Speaker::Caller ? "caller"_L1 : "agent"_L1;
}

QLatin1StringView name(Direction direction)
{
    return direction == Direction::Inbound ? "inbound"_L1 : "outbound"_L1;
}

int progressOf(const QString &status)
{
    if (status == "queued"_L1)
        return 0;
    if (status == "initiated"_L1)
        return 1;
    if (status == "ringing"_L1)
        return 2;
    if (status == "in-progress"_L1 || status == "answered"_L1)
        return 3;
    if (status == "completed"_L1 || status == "busy"_L1 || status == "failed"_L1 || status == "no-answer"_L1
        || status == "canceled"_L1)
        return 4;
    return -1;
}

bool CallReport::isFinal() const
{
    return progressOf(status) == 4;
}

} // namespace takt
