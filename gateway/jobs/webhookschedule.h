// SPDX-License-Identifier: GPL-3.0-or-later
// When a webhook is tried again: the schedule of the Standard Webhooks specification, three days in all. Pure; any thread.
#pragma once

#include <QtGlobal>

namespace takt::jobs {

inline constexpr int kWebhookAttempts = 10;

// What the last attempt came to.
struct Refusal {
    bool slowDown = false;    // 429, or no answer in time: at least a minute
    qint64 retryAfterMs = -1; // what the receiver asks for; -1: nothing
};

// Milliseconds until the next attempt, after so many (from 1). What the receiver asks for counts from the schedule's own
// delay up to twice that. `random`, from 0 to 1, spreads the delay by a fifth to either side, so that the messages which a
// dead receiver missed don't come back all at once.
[[nodiscard]] qint64 webhookDelayMs(int attempts, const Refusal &refusal, double random);

} // namespace takt::jobs
