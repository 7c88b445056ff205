// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/jobfacts.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

template <typename E, std::size_t N>
std::optional<E> named(const QString &word, const std::array<E, N> &all)
{
    for (const E each : all) {
        if (word == name(each))
            return each;
    }
    return std::nullopt;
}

} // namespace

QLatin1StringView name(Stage stage)
{
    switch (stage) {
    case Stage::Download: return "recording.download"_L1;
    case Stage::Convert: return "audio.convert"_L1;
    case Stage::Transcribe: return "transcribe"_L1;
    case Stage::Summarize: return "summarize"_L1;
    case Stage::Extract: return "extract"_L1;
    case Stage::Lead: return "lead.update"_L1;
    case Stage::Webhook: return "webhook.deliver"_L1;
    }
    return {};
}

std::optional<Stage> stageNamed(const QString &name)
{
    return named(name, kStages);
}

QLatin1StringView name(JobState state)
{
    switch (state) {
    case JobState::Pending: return "pending"_L1;
    case JobState::Available: return "available"_L1;
    case JobState::Scheduled: return "scheduled"_L1;
    case JobState::Retryable: return "retryable"_L1;
    case JobState::Running: return "running"_L1;
    case JobState::Completed: return "completed"_L1;
    case JobState::Skipped: return "skipped"_L1;
    case JobState::Failed: return "failed"_L1;
    case JobState::Cancelled: return "cancelled"_L1;
    }
    return {};
}

std::optional<JobState> jobStateNamed(const QString &name)
{
    return named(name, kJobStates);
}

bool isFinished(JobState state)
{
    return state >= JobState::Completed;
}

QLatin1StringView name(AttemptOutcome outcome)
{
    switch (outcome) {
    case AttemptOutcome::Completed: return "completed"_L1;
    case AttemptOutcome::Skipped: return "skipped"_L1;
    case AttemptOutcome::Retry: return "retry"_L1;
    case AttemptOutcome::Snoozed: return "snoozed"_L1;
    case AttemptOutcome::Failed: return "failed"_L1;
    case AttemptOutcome::Interrupted: return "interrupted"_L1;
    case AttemptOutcome::Cancelled: return "cancelled"_L1;
    case AttemptOutcome::Rescued: return "rescued"_L1;
    }
    return {};
}

} // namespace takt
