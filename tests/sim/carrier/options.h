// SPDX-License-Identifier: GPL-3.0-or-later
// How the carrier's side of a run shall be. Values, fixed before the start.
#pragma once

#include "sim/carrier/caller.h"
#include "sim/carrier/faults.h"
#include "sim/wire/websocket.h"

#include <QString>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace takt::sim {

// One call to be made.
struct CallPlan {
    double startSeconds = 0; // after the start of the run (or at once, for a call added later)
    double seconds = 30;     // from the upgrade to hanging up
    Script script;           // empty: conversation by chance
    CallFaults faults;
    double faultSeconds = -1; // when a fault that happens once happens; -1: at a random moment
    std::string from;         // telephone numbers; empty: made up
    std::string to;
    std::string callSid;        // empty: made up
    std::string path;           // empty: as in the options
    double abandonSeconds = -1; // of a telephone call: the caller gives up so long after dialling; -1: doesn't
};

struct CarrierOptions {
    sockaddr_in gateway{};
    std::string host;  // as in the gateway's URL
    TlsContextPtr tls; // null: the gateway's URL is ws
    std::string path = "/media";
    int calls = 1; // conversations by chance; 0 if only plans are run
    double seconds = 30;
    double ramp = 2;
    bool forever = false;
    double interrupt = 0.3;
    std::uint64_t seed = 1;
    double latencyMs = 0;               // one way
    double jitterMs = 0;                // up to this much more, order kept
    std::map<CallFault, double> faults; // with which probability a call has it
    QString recordDir;
    std::string accountSid;                                  // empty: made up
    std::string signature;                                   // value of an X-Twilio-Signature header; empty: none
    std::function<std::string(const std::string &url)> sign; // or made for every call's URL
};

} // namespace takt::sim
