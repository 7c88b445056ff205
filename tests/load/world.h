// SPDX-License-Identifier: GPL-3.0-or-later
// What the work after calls needs around it: a carrier that has the recordings, a transcriber, a CRM. All of it is one
// takt-sim process, at the lowest priority: in service these are other machines. Main thread.
#pragma once

#include "load/child.h"

namespace takt::load {

class World
{
public:
    // An error text, or nothing.
    [[nodiscard]] QString start(const QString &sim, const QString &logFile);
    // Makes a recording of two channels with speech in a loop. Its SID; empty: it doesn't.
    [[nodiscard]] std::string addRecording(const std::string &callSid, double seconds) const;
    // For the gateway, so that it finds all this.
    [[nodiscard]] Child::Environment environment() const;
    [[nodiscard]] double cpuSeconds() const;

private:
    int m_restPort = 0;
    int m_aiPort = 0;
    int m_crmPort = 0;
    Child m_child;
};

} // namespace takt::load
