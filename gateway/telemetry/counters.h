// SPDX-License-Identifier: GPL-3.0-or-later
// Process-wide event counters. Lock-free: any thread may count (the TX worker included), any thread may read.
#pragma once

#include <QLatin1StringView>
#include <QtGlobal>

namespace takt::telemetry {

enum class Counter {
    // carrier wire
    CarrierUpgrades,      // media sockets accepted
    CarrierMalformed,     // broken JSON or a known event without its fields: message dropped
    CarrierBadBase64,     // media payload not base64: frame dropped
    CarrierBadFormat,     // start with another format than µ-law 8000 mono: stream refused
    CarrierOversize,      // message over the limit: stream closed
    CarrierNoStart,       // no start within 3 s: stream closed
    CarrierEarlyMedia,    // media, dtmf or mark before start: dropped
    CarrierRepeatedStart, // second start on one stream: ignored
    CarrierForeignStream, // message of another streamSid: dropped
    CarrierBinary,        // binary message: dropped
    CarrierUnknown,       // unknown event: ignored
    CarrierStaleMedia,    // media repeated or out of order: dropped
    CarrierPaddedMs,      // milliseconds of missing caller audio filled with silence
    CarrierStaleMarks,    // mark echoes of a generation that was cleared: ignored
    CarrierStalled,       // peers that stopped reading: lane closed
    CarrierSilent,        // streams whose carrier sent nothing for long: lane closed
    CarrierAbuse,         // streams closed for too many faults
    CallerAudioDropped,   // caller chunks lost because the call worker fell behind
    StreamsReplaced,      // a newer stream of the same CallSid took over
    // TX
    FramesSent,
    FramesSilent,    // silence frames of tx.idle = silence
    FramesDropped,   // oldest frames dropped by backlog overflow: an alarm
    FramesRefused,   // newest frames refused because TX stood still for a whole backlog: an alarm
    SocketFullTicks, // ticks on which the peer's socket took nothing
    TxStalls,        // ready audio and no frame for over 120 ms, seen from outside the TX thread: an alarm
    TxDegraded,      // calls whose longest gap within a second went over 120 ms
    TxResyncs,       // ticks later than one interval
    // model wire
    ModelConnects,
    ModelConnectFailures,
    ModelSessionsReady,
    ModelLost, // sessions lost in mid-call
    ModelMalformed,
    ModelErrorsBenign,
    ModelErrorsRetryable,
    ModelErrorsFatal,
    ModelLateDeltas,  // audio of discarded responses: dropped
    HeldAudioDropped, // caller bytes that did not fit while the session was not ready
    // calls
    CallsStarted,
    CallsEnded,
    BargeIns,
    // front door
    FrontDoorRejected,     // connections closed for how they ask: too slow, too big, no HTTP, an upgrade refused
    FrontDoorEvicted,      // connections that waited longest for their request and made room for others
    FrontDoorAcceptErrors, // no descriptor left for a connection, say
    SignaturesRefused,     // webhooks and upgrades whose X-Twilio-Signature is wrong or missing
    TokensMinted,
    TokensRedeemed,
    TokensRefused,        // upgrades without a token, with an unknown, used, expired or foreign one
    StreamsForeign,       // streams whose start names another call than the token is for: closed
    CallsAdmitted,        // calls that got a slot
    CallsRefusedNumber,   // ... that were refused: nobody's number
    CallsRefusedLimit,    // a limit on calls
    CallsRefusedLate,     // the beat is late
    CallsRefusedDraining, // the gateway takes no more calls
    WebhooksAccepted,     // facts from the carrier, handed to the records
    AnswersBeforeRecord,  // webhooks answered though the database had not taken yet what they told
    RestRequests,         // attempts, to the carrier
    RestRetries,
    RestFailures, // requests that came to nothing
    // records
    RecordsWritten,
    RecordsRetried,
    RecordsLost, // gave up at shutdown: an alarm
    // deferred work
    JobsStarted, // attempts
    JobsCompleted,
    JobsSkipped, // there was nothing to do
    JobsRetried, // attempts that failed and will be made again
    JobsFailed,  // for good
    JobsLost,    // attempts whose lease another worker had taken over: nothing of them was written
    JobsRescued, // taken back from workers that died or hung
    CallsBuried, // left open by a gateway that died, and ended in its place
    // flight records
    FlightsWritten,
    FlightsSkipped, // of stalls so soon after another that its record was left out
    FlightsDeleted, // the oldest, for want of room
    FlightsFailed,  // the disk would not
    // log
    LogDropped,
    Count_
};

void count(Counter counter, qint64 n = 1);
[[nodiscard]] qint64 counted(Counter counter);
// Stable snake_case name, as shown to people and metrics.
[[nodiscard]] QLatin1StringView name(Counter counter);

} // namespace takt::telemetry
