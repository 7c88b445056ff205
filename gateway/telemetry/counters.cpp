// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/counters.h"

#include <array>
#include <atomic>

namespace takt::telemetry {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto kCount = static_cast<std::size_t>(Counter::Count_);

// A cache line each, so that threads which count different things do not slow each other.
struct alignas(64) Slot {
    std::atomic<qint64> value{0};
};
std::array<Slot, kCount> g_slots;

// In the order of the enumeration.
constexpr std::array kNames{
    "carrier_upgrades"_L1,
    "carrier_malformed"_L1,
    "carrier_bad_base64"_L1,
    "carrier_bad_format"_L1,
    "carrier_oversize"_L1,
    "carrier_no_start"_L1,
    "carrier_early_media"_L1,
    "carrier_repeated_start"_L1,
    "carrier_foreign_stream"_L1,
    "carrier_binary"_L1,
    "carrier_unknown"_L1,
    "carrier_stale_media"_L1,
    "carrier_padded_ms"_L1,
    "carrier_stale_marks"_L1,
    "carrier_stalled"_L1,
    "carrier_silent"_L1,
    "carrier_abuse"_L1,
    "caller_audio_dropped"_L1,
    "streams_replaced"_L1,
    "frames_sent"_L1,
    "frames_silent"_L1,
    "frames_dropped"_L1,
    "frames_refused"_L1,
    "socket_full_ticks"_L1,
    "tx_stalls"_L1,
    "tx_degraded"_L1,
    "tx_resyncs"_L1,
    "model_connects"_L1,
    "model_connect_failures"_L1,
    "model_sessions_ready"_L1,
    "model_lost"_L1,
    "model_malformed"_L1,
    "model_errors_benign"_L1,
    "model_errors_retryable"_L1,
    "model_errors_fatal"_L1,
    "model_late_deltas"_L1,
    "held_audio_dropped_bytes"_L1,
    "calls_started"_L1,
    "calls_ended"_L1,
    "barge_ins"_L1,
    "front_door_rejected"_L1,
    "front_door_evicted"_L1,
    "front_door_accept_errors"_L1,
    "signatures_refused"_L1,
    "tokens_minted"_L1,
    "tokens_redeemed"_L1,
    "tokens_refused"_L1,
    "streams_foreign"_L1,
    "calls_admitted"_L1,
    "calls_refused_number"_L1,
    "calls_refused_limit"_L1,
    "calls_refused_late"_L1,
    "calls_refused_draining"_L1,
    "webhooks_accepted"_L1,
    "answers_before_record"_L1,
    "rest_requests"_L1,
    "rest_retries"_L1,
    "rest_failures"_L1,
    "records_written"_L1,
    "records_retried"_L1,
    "records_lost"_L1,
    "jobs_started"_L1,
    "jobs_completed"_L1,
    "jobs_skipped"_L1,
    "jobs_retried"_L1,
    "jobs_failed"_L1,
    "jobs_lost"_L1,
    "jobs_rescued"_L1,
    "calls_buried"_L1,
    "flights_written"_L1,
    "flights_skipped"_L1,
    "flights_deleted"_L1,
    "flights_failed"_L1,
    "log_dropped"_L1,
};
static_assert(kNames.size() == kCount);

} // namespace

void count(Counter counter, qint64 n)
{
    g_slots[static_cast<std::size_t>(counter)].value.fetch_add(n, std::memory_order_relaxed);
}

qint64 counted(Counter counter)
{
    return g_slots[static_cast<std::size_t>(counter)].value.load(std::memory_order_relaxed);
}

QLatin1StringView name(Counter counter)
{
    return kNames[static_cast<std::size_t>(counter)];
}

} // namespace takt::telemetry
