// SPDX-License-Identifier: GPL-3.0-or-later
// Listens to both directions of a call, and is told the words where they are known. Carrier thread.
#pragma once

#include "sim/ledger/tracker.h"

#include <string>
#include <string_view>

namespace takt::sim {

class AudioTap
{
public:
    virtual ~AudioTap() = default;
    virtual void said(Nanos at, std::string_view muLaw) = 0; // by the caller
    virtual void saying(Nanos at, const std::string &text) = 0;
    virtual void silent(Nanos at) = 0;                                            // the caller has said it
    virtual void heard(Nanos at, std::string_view muLaw, const Piece &piece) = 0; // by the caller, of the agent
};

} // namespace takt::sim
