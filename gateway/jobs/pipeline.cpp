// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/pipeline.h"

#include <array>

namespace takt::jobs {

namespace {

constexpr int kMinuteMs = 60'000;

constexpr std::array kEntries{
    StageEntry{Stage::Download, download, true, 30 * kMinuteMs},
    StageEntry{Stage::Convert, convert, true, 600 * kMinuteMs}, // its children have limits of their own
    StageEntry{Stage::Transcribe, transcribe, true, 60 * kMinuteMs},
    StageEntry{Stage::Summarize, summarize, true, 10 * kMinuteMs},
    StageEntry{Stage::Extract, extract, true, 10 * kMinuteMs},
    StageEntry{Stage::Lead, updateLead, false, 2 * kMinuteMs},
    StageEntry{Stage::Webhook, deliverWebhook, false, 2 * kMinuteMs},
};
static_assert(kEntries.size() == kStages.size());

} // namespace

const StageEntry &entryOf(Stage stage)
{
    return kEntries[std::size_t(stage)];
}

QList<Stage> stagesIn(bool heavy)
{
    QList<Stage> stages;
    for (const StageEntry &entry : kEntries) {
        if (entry.heavy == heavy)
            stages << entry.stage;
    }
    return stages;
}

} // namespace takt::jobs
