// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of the pipeline after a call, a file each. Every one may be run again at any time, after a crash at any place:
// what it leaves behind is in the outcome, which is written in one transaction with the job's end. Job threads.
#pragma once

#include "jobs/jobcontext.h"

namespace takt::jobs {

// The carrier's recording, as it is, to the call's folder. Artifact: original. Result: {"recording_sid", "channels",
// "bytes", "url"}.
[[nodiscard]] store::Outcome download(JobContext &context);
// A 16 kHz mono file a side for transcription, and a compact copy to keep. Artifacts: caller, agent, archive; the original
// is gone then. Result: {"seconds", "channels"}.
[[nodiscard]] store::Outcome convert(JobContext &context);
// Result: {"source": "recording", "language", "segments": [{"speaker", "start_ms", "end_ms", "text"}]}. Without one the
// live transcript stands in, see transcript.h.
[[nodiscard]] store::Outcome transcribe(JobContext &context);
// Result: {"summary", "status_label", "status_confidence", "language"}.
[[nodiscard]] store::Outcome summarize(JobContext &context);
// Result: {"city", "raw_city", "city_confidence", "service", "service_category", "service_confidence", "customer_name",
// "preferred_time"}; each may be null.
[[nodiscard]] store::Outcome extract(JobContext &context);
// Writes the lead.
[[nodiscard]] store::Outcome updateLead(JobContext &context);
// call.completed to the business's receiver.
[[nodiscard]] store::Outcome deliverWebhook(JobContext &context);

} // namespace takt::jobs
