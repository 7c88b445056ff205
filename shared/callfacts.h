// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a call, as plain values: written by the call worker, stored by the records thread, shown by the
// console. Values only; safe in any thread. Times are milliseconds since the Unix epoch, UTC.
#pragma once

#include "shared/txfacts.h"
#include "shared/usage.h"

#include <QLatin1StringView>
#include <QString>
#include <QtGlobal>

namespace takt {

// One stream of one call in this process; unique for the process's life. The high 16 bits name the TX worker.
using LaneId = quint64;
inline constexpr int kLaneWorkerShift = 48;
[[nodiscard]] constexpr int workerOf(LaneId lane)
{
    return int(lane >> kLaneWorkerShift);
}

// Why a call is over. The names are stored, so they are append-only.
enum class EndReason {
    CarrierStop,      // the carrier said `stop`: the caller hung up or the call was redirected
    CarrierClosed,    // the media socket closed without `stop`
    CarrierStalled,   // the carrier stopped reading our audio
    CarrierProtocol,  // the carrier broke the protocol beyond repair
    CarrierCompleted, // the carrier reported the call as over before its stream had ended
    Replaced,         // a newer stream of the same CallSid took over
    ModelUnavailable, // no model session could be opened in time
    ModelFailed,      // the model session failed for good during the call
    AgentHangup,      // the agent ended the conversation, by its tool
    Transferred,      // the agent passed the caller on to a human, by its tool
    OperatorHangup,
    Shutdown,
    GatewayDied,   // the process that had the call died; another one, or a later one, wrote the end
    CarrierSilent, // no agent was on it, and the carrier's last word never came
};
[[nodiscard]] QLatin1StringView name(EndReason reason);

enum class Speaker { Caller, Agent };
[[nodiscard]] QLatin1StringView name(Speaker speaker);

enum class Direction { Inbound, Outbound };
[[nodiscard]] QLatin1StringView name(Direction direction);

struct CallStarted {
    QString callSid;
    QString streamSid;
    QString accountSid;
    QString business; // whose agent answers; empty: the one without a name
    Direction direction = Direction::Inbound;
    QString from; // as the carrier says; empty when unknown
    QString to;
    qint64 atMs = 0;
};

// One finished utterance. `text` is what was heard: of an interrupted agent only the part that the caller got.
struct TurnFinished {
    QString callSid;
    QString streamSid;
    QString itemId;
    Speaker speaker = Speaker::Caller;
    QString text;
    bool interrupted = false;
    qint64 generatedMs = 0; // audio of the agent's item: made by the model, and
    qint64 heardMs = 0;     // heard by the caller
    int position = 0;       // order within the stream, from 0
    qint64 atMs = 0;
};

struct CallEnded {
    QString callSid;
    QString streamSid;
    EndReason reason = EndReason::CarrierStop;
    QString detail; // for people; may be empty
    qint64 interruptions = 0;
    TxFacts tx;
    qint64 atMs = 0;
    Usage usage{}; // of the stream
    std::optional<Cost> cost{};
};

// What the carrier's webhooks say of a call. They come repeated, late and out of order: what is empty or negative was not
// said, and never takes the place of what was.
struct CallReport {
    QString callSid;       // of the leg that it is about
    QString parentCallSid; // not empty: the leg belongs to that call, which is the one on record
    QString accountSid;
    QString business;
    QString direction; // "inbound" or "outbound"; empty: not said
    QString from;
    QString to;
    QString status;     // in the carrier's words: queued ... in-progress, completed, busy, failed, no-answer, canceled
    QString answeredBy; // human, machine_start, fax...
    int durationSeconds = -1;
    qint64 atMs = 0; // when it reached us

    // The carrier will say nothing more of this call: completed, busy, failed, no-answer or canceled.
    [[nodiscard]] bool isFinal() const;
};

// How far a status is along a call's life: a report that comes late never takes it back. -1: a status that we don't know.
[[nodiscard]] int progressOf(const QString &status);

struct RecordingReport {
    QString callSid;
    QString recordingSid;
    QString url;    // without extension
    QString status; // in-progress, completed, absent
    int durationSeconds = -1;
    int channels = -1;
    QString source;
    int errorCode = 0;
    qint64 startedAtMs = 0; // 0: not said
    qint64 atMs = 0;
};

// A media stream as the carrier sees it.
struct StreamReport {
    QString callSid;
    QString streamSid;
    QString event; // stream-started, stream-stopped, stream-error
    QString error;
    qint64 atMs = 0;
};

} // namespace takt
