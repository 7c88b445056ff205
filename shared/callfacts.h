// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a call, as plain values: written by the call worker, stored by the records thread, shown by the
// console. Values only; safe in any thread. Times are milliseconds since the Unix epoch, UTC.
#pragma once

#include <QLatin1StringView>
#include <QString>
#include <QtGlobal>

namespace takt {

// One stream of one call in this process; unique for the process's life. The high 16 bits name the TX worker.
using LaneId = quint64;

// Why a call is over. The names are stored, so they are append-only.
enum class EndReason {
    CarrierStop,      // the carrier said `stop`: the caller hung up or the call was redirected
    CarrierClosed,    // the media socket closed without `stop`
    CarrierStalled,   // the carrier stopped reading our audio
    CarrierProtocol,  // the carrier broke the protocol beyond repair
    Replaced,         // a newer stream of the same CallSid took over
    ModelUnavailable, // no model session could be opened in time
    ModelFailed,      // the model session failed for good during the call
    OperatorHangup,
    Shutdown,
};
[[nodiscard]] QLatin1StringView name(EndReason reason);

enum class Speaker { Caller, Agent };
[[nodiscard]] QLatin1StringView name(Speaker speaker);

struct CallStarted {
    QString callSid;
    QString streamSid;
    QString accountSid;
    QString from; // as the carrier's parameters say; empty when unknown
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
    qint64 framesSent = 0;
    qint64 framesDropped = 0;
    qint64 interruptions = 0;
    qint64 worstLateUs = 0;
    qint64 atMs = 0;
};

} // namespace takt
