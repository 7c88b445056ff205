// SPDX-License-Identifier: GPL-3.0-or-later
// How the CRM of a run shall be. Values, fixed before the start.
#pragma once

#include "sim/office/faultboard.h"

#include <cstdint>
#include <string>

namespace takt::sim {

struct CrmOptions {
    bool enabled = false;
    std::uint16_t port = 0;    // 0: any; the same as the AI's: one server for both
    std::string secret;        // whsec_ + base64; empty: made up
    FaultBoard::Values faults; // by their names on the board, without "crm."
};

} // namespace takt::sim
