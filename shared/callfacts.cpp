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
    case EndReason::Replaced: return "replaced"_L1;
    case EndReason::ModelUnavailable: return "model_unavailable"_L1;
    case EndReason::ModelFailed: return "model_failed"_L1;
    case EndReason::OperatorHangup: return "operator_hangup"_L1;
    case EndReason::Shutdown: return "shutdown"_L1;
    }
    return "unknown"_L1;
}

QLatin1StringView name(Speaker speaker)
{
    return speaker == Speaker::Caller ? "caller"_L1 : "agent"_L1;
}

} // namespace takt
