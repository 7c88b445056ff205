// SPDX-License-Identifier: GPL-3.0-or-later
// What was seen of gateway, load generator and host while a number of calls was measured. Plain values; shares are of the
// measured time, 1 is all of it. What could not be seen (a gateway on another machine, a kernel without the counter) is
// empty.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace takt::capacity {

struct ThreadUse {
    std::string name;
    double busy = 0;    // it had a processor
    double waiting = 0; // it could have run, and had none
};

struct Evidence {
    double seconds = 0;
    bool gatewayEnded = false;
    bool gatewayKilled = false; // by SIGKILL, as the kernel does when memory is out
    int cores = 0;              // that the gateway may use
    bool sharedCores = false;   // with the load generator
    bool withWork = false;      // after calls: children of the gateway take what is left over
    std::vector<ThreadUse> gateway;
    std::vector<ThreadUse> generator;
    double coresBusy = 0;           // of the gateway's cores, whoever used them; stolen time counts
    double stolen = 0;              // of these cores, by the host
    std::optional<double> pressure; // PSI "some" of the processor, of the whole machine

    double callerLateP99Ms = 0; // of the frames that the load generator sends
    double notMeasurable = 0;   // share of the gaps: it read too late
    std::optional<double> residentMb;
    double availableMb = 0; // left on the machine
    double totalMb = 0;
    std::optional<int> descriptors, descriptorLimit; // of the gateway
    int ownDescriptors = 0, ownDescriptorLimit = 0;
    double listenOverflows = 0; // connections that no backlog had room for
    int refused = 0;            // upgrades answered with 503

    [[nodiscard]] double gatewayBusy() const { return busyOf(gateway); } // processors
    [[nodiscard]] double generatorBusy() const { return busyOf(generator); }

private:
    [[nodiscard]] static double busyOf(const std::vector<ThreadUse> &threads)
    {
        double sum = 0;
        for (const ThreadUse &thread : threads)
            sum += thread.busy;
        return sum;
    }
};

} // namespace takt::capacity
