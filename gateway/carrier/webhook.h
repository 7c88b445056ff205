// SPDX-License-Identifier: GPL-3.0-or-later
// The forms that the carrier posts to our webhooks, as facts. What is missing, unusable or not ours to know stays empty
// or -1, "not said"; no form is refused as a whole. Field names: Twilio's "Call resource" (status callbacks), "Recording
// status callback" and "TwiML <Stream>". Pure; any thread.
#pragma once

#include "carrier/form.h"
#include "shared/callfacts.h"

namespace takt::carrier {

// The incoming call, the status of a call, the verdict of answering machine detection: one shape with different fields.
[[nodiscard]] CallReport callReport(const Form &form, qint64 nowMs);
[[nodiscard]] RecordingReport recordingReport(const Form &form, qint64 nowMs);
[[nodiscard]] StreamReport streamReport(const Form &form, qint64 nowMs);

} // namespace takt::carrier
