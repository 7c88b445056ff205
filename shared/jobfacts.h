// SPDX-License-Identifier: GPL-3.0-or-later
// The words of deferred work, as they are stored, shown to people and sent to the console: append-only. Any thread.
#pragma once

#include <QLatin1StringView>
#include <QString>

#include <array>
#include <optional>

namespace takt {

// What is done after a call, in this order. Each is a job of its own.
enum class Stage { Download, Convert, Transcribe, Summarize, Extract, Lead, Webhook };
inline constexpr std::array kStages{Stage::Download, Stage::Convert, Stage::Transcribe, Stage::Summarize,
                                    Stage::Extract,  Stage::Lead,    Stage::Webhook};
[[nodiscard]] QLatin1StringView name(Stage stage); // recording.download, audio.convert, transcribe...
[[nodiscard]] std::optional<Stage> stageNamed(const QString &name);

enum class JobState {
    Pending,   // its call is active, or what it needs is not there yet
    Available, // waits for a free worker
    Scheduled, // snoozed: what it waits for outside was not ready
    Retryable, // failed, and will be tried again
    Running,
    Completed,
    Skipped, // there was nothing to do for it; the reason says why
    Failed,  // for good
    Cancelled,
};
inline constexpr std::array kJobStates{JobState::Pending,   JobState::Available, JobState::Scheduled,
                                       JobState::Retryable, JobState::Running,   JobState::Completed,
                                       JobState::Skipped,   JobState::Failed,    JobState::Cancelled};
[[nodiscard]] QLatin1StringView name(JobState state);
[[nodiscard]] std::optional<JobState> jobStateNamed(const QString &name);
// Completed, Skipped, Failed or Cancelled: what follows in the pipeline goes on.
[[nodiscard]] bool isFinished(JobState state);

// How one attempt at a job ended.
enum class AttemptOutcome { Completed, Skipped, Retry, Snoozed, Failed, Interrupted, Cancelled, Rescued };
[[nodiscard]] QLatin1StringView name(AttemptOutcome outcome);

} // namespace takt
