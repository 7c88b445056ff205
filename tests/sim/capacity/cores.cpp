// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/cores.h"

#include <algorithm>
#include <iterator>

namespace takt::capacity {

Cores dealOut(const std::vector<int> &all, int forGateway)
{
    if (forGateway <= 0 || forGateway > int(all.size()))
        return {all, all, true};
    return keepClear(all, {all.begin(), all.begin() + forGateway});
}

Cores keepClear(const std::vector<int> &all, const std::vector<int> &gateway)
{
    std::vector<int> others;
    std::set_difference(all.begin(), all.end(), gateway.begin(), gateway.end(), std::back_inserter(others));
    return others.empty() ? Cores{gateway, all, true} : Cores{gateway, others, false};
}

} // namespace takt::capacity
