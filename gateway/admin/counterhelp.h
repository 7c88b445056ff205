// SPDX-License-Identifier: GPL-3.0-or-later
// What each counter means, for those who read it on a dashboard. A counter without its words doesn't compile. Pure.
#pragma once

#include "telemetry/counters.h"

#include <QLatin1StringView>

#include <array>

namespace takt::admin {

struct CounterHelp {
    telemetry::Counter counter;
    QLatin1StringView text;
};

namespace help {

using namespace Qt::Literals::StringLiterals;
using enum telemetry::Counter;

// In the order of the enumeration.
inline constexpr std::array kCounters{
    CounterHelp{CarrierUpgrades, "Media sockets accepted from the carrier."_L1},
    CounterHelp{CarrierMalformed, "Carrier messages dropped: broken JSON, or a known event without its fields."_L1},
    CounterHelp{CarrierBadBase64, "Caller audio frames dropped: payload is not base64."_L1},
    CounterHelp{CarrierBadFormat, "Streams refused: another media format than 8 kHz mono mu-law."_L1},
    CounterHelp{CarrierOversize, "Streams closed: a carrier message over the size limit."_L1},
    CounterHelp{CarrierNoStart, "Streams closed: no start message in time."_L1},
    CounterHelp{CarrierEarlyMedia, "Carrier messages dropped: they came before start."_L1},
    CounterHelp{CarrierRepeatedStart, "Second start messages on one stream: ignored."_L1},
    CounterHelp{CarrierForeignStream, "Carrier messages dropped: they name another stream."_L1},
    CounterHelp{CarrierBinary, "Binary carrier messages: dropped."_L1},
    CounterHelp{CarrierUnknown, "Carrier events of an unknown kind: ignored."_L1},
    CounterHelp{CarrierStaleMedia, "Caller audio frames dropped: repeated or out of order."_L1},
    CounterHelp{CarrierPaddedMs, "Missing caller audio that was filled with silence."_L1},
    CounterHelp{CarrierStaleMarks, "Mark echoes of audio that was cleared: ignored."_L1},
    CounterHelp{CarrierStalled, "Streams closed: the carrier stopped reading."_L1},
    CounterHelp{CarrierSilent, "Streams closed: the carrier sent nothing for long."_L1},
    CounterHelp{CarrierAbuse, "Streams closed: too many faults on the wire."_L1},
    CounterHelp{CallerAudioDropped, "Caller audio chunks lost because the call worker fell behind."_L1},
    CounterHelp{StreamsReplaced, "Streams that a newer stream of the same call took over."_L1},
    CounterHelp{FramesSent, "Audio frames sent to callers."_L1},
    CounterHelp{FramesSilent, "Frames of silence sent while there was nothing to say."_L1},
    CounterHelp{FramesDropped, "Oldest audio frames dropped by backlog overflow. Alarm."_L1},
    CounterHelp{FramesRefused, "Newest audio frames refused: nothing was sent for a whole backlog. Alarm."_L1},
    CounterHelp{SocketFullTicks, "Slots on which the carrier's socket took nothing."_L1},
    CounterHelp{TxStalls, "Times when audio was ready and no frame left for over 120 ms. Alarm."_L1},
    CounterHelp{TxDegraded, "Times when a call's audio began to have gaps of over 120 ms."_L1},
    CounterHelp{TxResyncs, "Slots served later than one frame interval: the lane's beat started anew."_L1},
    CounterHelp{ModelConnects, "Connections to the speech model that were begun."_L1},
    CounterHelp{ModelConnectFailures, "Connections to the speech model that failed."_L1},
    CounterHelp{ModelSessionsReady, "Speech model sessions that became ready."_L1},
    CounterHelp{ModelLost, "Speech model sessions lost in mid-call."_L1},
    CounterHelp{ModelMalformed, "Speech model messages dropped: not as its API says."_L1},
    CounterHelp{ModelErrorsBenign, "Errors of the speech model without consequence."_L1},
    CounterHelp{ModelErrorsRetryable, "Errors of the speech model after which another attempt makes sense."_L1},
    CounterHelp{ModelErrorsFatal, "Errors of the speech model that end the session for good."_L1},
    CounterHelp{ModelLateDeltas, "Audio pieces of discarded responses: dropped."_L1},
    CounterHelp{HeldAudioDropped, "Bytes of caller audio that did not fit while the session was not ready."_L1},
    CounterHelp{CallsStarted, "Calls that started."_L1},
    CounterHelp{CallsEnded, "Calls that ended."_L1},
    CounterHelp{BargeIns, "Times when a caller spoke over the agent and the agent fell silent."_L1},
    CounterHelp{FrontDoorRejected,
                "Connections closed for how they ask: too slow, too big, no HTTP, an upgrade refused."_L1},
    CounterHelp{FrontDoorEvicted, "Connections that made room for others before they sent their request."_L1},
    CounterHelp{FrontDoorAcceptErrors, "Connections that could not be accepted, for want of descriptors say."_L1},
    CounterHelp{SignaturesRefused, "Webhooks and upgrades with a wrong or missing signature."_L1},
    CounterHelp{TokensMinted, "Stream tokens given out."_L1},
    CounterHelp{TokensRedeemed, "Stream tokens redeemed by an upgrade."_L1},
    CounterHelp{TokensRefused, "Upgrades whose token is missing, unknown, used, expired or of another call."_L1},
    CounterHelp{StreamsForeign, "Streams closed: they name another call than their token."_L1},
    CounterHelp{CallsAdmitted, "Calls that got a slot."_L1},
    CounterHelp{CallsRefusedNumber, "nobody's number"_L1}, // these are one metric: see refusals() in metrics.cpp
    CounterHelp{CallsRefusedLimit, "a limit on calls"_L1},
    CounterHelp{CallsRefusedLate, "the beat is late"_L1},
    CounterHelp{CallsRefusedDraining, "the gateway takes no more calls"_L1},
    CounterHelp{WebhooksAccepted, "Facts from the carrier, handed to the records."_L1},
    CounterHelp{AnswersBeforeRecord,
                "Webhooks answered before their record was on disk: the database was slow or away."_L1},
    CounterHelp{RestRequests, "Requests to the carrier's REST API."_L1},
    CounterHelp{RestRetries, "Requests to the carrier's REST API that were made again."_L1},
    CounterHelp{RestFailures, "Requests to the carrier's REST API that came to nothing."_L1},
    CounterHelp{RecordsWritten, "Records written to the database."_L1},
    CounterHelp{RecordsRetried, "Attempts to write records that were made again."_L1},
    CounterHelp{RecordsLost, "Records given up at shutdown. Alarm."_L1},
    CounterHelp{JobsStarted, "Attempts at jobs of the deferred work."_L1},
    CounterHelp{JobsCompleted, "Jobs that were completed."_L1},
    CounterHelp{JobsSkipped, "Jobs that had nothing to do."_L1},
    CounterHelp{JobsRetried, "Attempts at jobs that failed and will be made again."_L1},
    CounterHelp{JobsFailed, "Jobs that failed for good."_L1},
    CounterHelp{JobsLost, "Attempts at jobs that another worker had taken over meanwhile."_L1},
    CounterHelp{JobsRescued, "Jobs taken back from workers that died or hung."_L1},
    CounterHelp{CallsBuried, "Calls that a dead gateway had left open, ended in its place."_L1},
    CounterHelp{FlightsWritten, "Flight records written: the last seconds of a call."_L1},
    CounterHelp{FlightsSkipped, "Flight records left out: too soon after another."_L1},
    CounterHelp{FlightsDeleted, "Flight records deleted, the oldest first, to make room."_L1},
    CounterHelp{FlightsFailed, "Flight records that could not be written to the disk."_L1},
    CounterHelp{LogDropped, "Log lines dropped: they came too fast, or could not be written."_L1},
};
static_assert(kCounters.size() == std::size_t(Count_), "a counter has no words");

consteval bool inOrder()
{
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
        if (std::size_t(kCounters[i].counter) != i)
            return false;
    }
    return true;
}
static_assert(inOrder(), "the words are not in the order of the counters");

} // namespace help

[[nodiscard]] constexpr QLatin1StringView helpOf(telemetry::Counter counter)
{
    return help::kCounters[static_cast<std::size_t>(counter)].text;
}

} // namespace takt::admin
