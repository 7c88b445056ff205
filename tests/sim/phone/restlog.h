// SPDX-License-Identifier: GPL-3.0-or-later
// One request that the REST API has seen. Values.
#pragma once

#include "sim/verdict/phonerecord.h"
#include "sim/wire/clock.h"

namespace takt::sim {

struct RestRequest {
    std::string method;
    std::string path;
    Params params;
    int status = 0;       // answered; 0: the connection was dropped instead
    bool applied = false; // it had its effect
    Nanos at = 0;
    std::string body; // of the answer
};

} // namespace takt::sim
