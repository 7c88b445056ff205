// SPDX-License-Identifier: GPL-3.0-or-later
// Where a media stream leads, and what it says about itself. Values; any thread.
#pragma once

#include "sim/carrier/audiotap.h"
#include "sim/carrier/options.h"
#include "sim/carrier/streamwriter.h"
#include "sim/wire/random.h"

namespace takt::sim {

struct StreamTarget {
    sockaddr_in address{};
    TlsContextPtr tls; // null: plain
    std::string host;  // as the host header says it
    std::string path;
    std::string signature; // empty: none
    std::string from;      // for the record
    CallIdentity identity;
    std::shared_ptr<AudioTap> tap{}; // listens to the call; may be null
};

// The gateway of the options itself, without a telephone call around.
[[nodiscard]] StreamTarget directTarget(const CallPlan &plan, const CarrierOptions &options, Random &random);

} // namespace takt::sim
