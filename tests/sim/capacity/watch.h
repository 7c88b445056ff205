// SPDX-License-Identifier: GPL-3.0-or-later
// What /proc says of gateway, load generator and host, as counters: evidence is the difference of two readings. The thread
// that drives the search.
#pragma once

#include "sim/capacity/evidence.h"

#include <map>
#include <string>
#include <sys/types.h>

namespace takt::capacity {

struct Reading {
    struct Thread {
        std::string name;
        double busySeconds = 0;
        double waitingSeconds = 0;
    };
    struct Cores {
        double busySeconds = 0; // stolen time included
        double stolenSeconds = 0;
        int count = 0;
    };
    double atSeconds = 0;
    std::map<pid_t, Thread> gateway;
    std::map<pid_t, Thread> own;
    Cores cores; // those of the gateway
    std::optional<double> pressureSeconds;
    double listenOverflows = 0;
};

// `gateway`: its process, or -1. `cores`: those that it may use.
[[nodiscard]] Reading read(pid_t gateway, const std::vector<int> &cores);
// All that such a difference tells, and what is so at the end: memory, descriptors. The rest is the caller's to fill in.
[[nodiscard]] Evidence evidenceOf(const Reading &before, const Reading &after, pid_t gateway);
// The cores that a process may use; of this one, without a name.
[[nodiscard]] std::vector<int> allowedCores(pid_t process = 0);

} // namespace takt::capacity
