// SPDX-License-Identifier: GPL-3.0-or-later
// Which cores are the gateway's and which the load's. Pure.
#pragma once

#include <vector>

namespace takt::capacity {

struct Cores {
    std::vector<int> gateway;
    std::vector<int> own;
    bool shared = true;
};
// The gateway gets the first so many, this program the others. It shares them if there are none, and all if 0 are asked for.
[[nodiscard]] Cores dealOut(const std::vector<int> &all, int forGateway);
// The gateway has its cores already: of all that we may use we keep the others. Both in order.
[[nodiscard]] Cores keepClear(const std::vector<int> &all, const std::vector<int> &gateway);

} // namespace takt::capacity
