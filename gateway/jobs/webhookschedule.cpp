// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/webhookschedule.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace takt::jobs {

namespace {

constexpr qint64 kSecond = 1000;
constexpr qint64 kMinute = 60 * kSecond;
constexpr qint64 kHour = 60 * kMinute;
// Before the second attempt, the third...; the first is made at once.
constexpr std::array<qint64, kWebhookAttempts - 1> kDelays{5 * kSecond, 5 * kMinute, 30 * kMinute, 2 * kHour, 5 * kHour,
                                                           10 * kHour,  14 * kHour,  20 * kHour,   24 * kHour};
constexpr double kJitter = 0.2;

} // namespace

qint64 webhookDelayMs(int attempts, const Refusal &refusal, double random)
{
    const auto index = std::size_t(std::clamp(attempts, 1, int(kDelays.size())) - 1);
    const qint64 base = kDelays[index];
    qint64 delay = std::llround(double(base) * (1 - kJitter + 2 * kJitter * std::clamp(random, 0.0, 1.0)));
    if (refusal.retryAfterMs >= 0)
        delay = std::max(delay, std::clamp(refusal.retryAfterMs, base, 2 * base));
    return refusal.slowDown ? std::max(delay, kMinute) : delay;
}

} // namespace takt::jobs
