// SPDX-License-Identifier: GPL-3.0-or-later
// All settings of tx.lead_ms under the same stalls: a gateway, a carrier and a model for each, all at the same time, for the
// host's own weather is then the same too. Main thread; each setting has a thread of its own while this lasts.
#pragma once

#include "bench/leadfigures.h"
#include "bench/options.h"

#include <atomic>

namespace takt::bench {

struct LeadAttempt {
    std::vector<LeadResult> results; // in the order of the options
    QString error;                   // why nothing was measured
};
[[nodiscard]] LeadAttempt runLeads(const Options &options, int calls, int number, const std::atomic<bool> &interrupted);

} // namespace takt::bench
