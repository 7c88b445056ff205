// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/streamtarget.h"

namespace takt::sim {

StreamTarget directTarget(const CallPlan &plan, const CarrierOptions &options, Random &random)
{
    StreamTarget target;
    CallIdentity &identity = target.identity;
    identity.accountSid = options.accountSid.empty() ? "AC" + random.hex(32) : options.accountSid;
    identity.callSid = plan.callSid.empty() ? "CA" + random.hex(32) : plan.callSid;
    identity.streamSid = "MZ" + random.hex(32);
    const auto number = [&](const char *prefix) {
        return prefix + std::to_string(random.between(1'000'000, 9'999'999));
    };
    identity.parameters["from"] = plan.from.empty() ? number("+97255") : plan.from;
    identity.parameters["to"] = plan.to.empty() ? number("+9723") : plan.to;
    target.from = identity.parameters["from"];
    target.address = options.gateway;
    target.tls = options.tls;
    target.host = options.host;
    target.path = plan.path.empty() ? options.path : plan.path;
    const std::string url = (target.tls ? "wss://" : "ws://") + target.host + target.path;
    target.signature = options.sign ? options.sign(url) : options.signature;
    return target;
}

} // namespace takt::sim
