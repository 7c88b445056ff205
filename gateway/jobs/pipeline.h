// SPDX-License-Identifier: GPL-3.0-or-later
// The stages as the runner sees them: what does the work, in which slots, for how long at most. Pure; any thread.
#pragma once

#include "jobs/stages/stages.h"

namespace takt::jobs {

struct StageEntry {
    Stage stage;
    store::Outcome (*run)(JobContext &);
    bool heavy;  // takes one of the jobs.workers slots; else one of those that wait for others most of the time
    int limitMs; // of one attempt, without the time that it is held
};

[[nodiscard]] const StageEntry &entryOf(Stage stage);
[[nodiscard]] QList<Stage> stagesIn(bool heavy);

} // namespace takt::jobs
