// SPDX-License-Identifier: GPL-3.0-or-later
// One job, from its claim to its outcome: reads what is on record, and runs the stage. In a thread of the pool.
#pragma once

#include "jobs/jobcontext.h"

namespace takt::jobs {

struct Finished {
    store::Outcome outcome;
    QStringList files; // absolute: no longer needed once the outcome is on record
};

[[nodiscard]] Finished work(GatePass &pass, const config::Settings &settings, const store::Job &job);

} // namespace takt::jobs
