// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of the OpenAI Realtime API, GA shape: bytes to structs and back, no socket. Audio is audio/pcmu (G.711 µ-law,
// 8 bytes a millisecond) in both directions, so nothing is ever resampled. Shapes: the vendor's OpenAPI description; the
// rules of its client events are checked by tests/tst_speech_schema. One parser serves all sessions of a thread; not
// thread-safe.
#pragma once

#include "speech/session.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <variant>

namespace takt::speech {

// Server events -------------------------------------------------------------------------------------------------------

struct SessionCreated {
};
struct SessionUpdated {
    QString type;        // "realtime"
    QString inputFormat; // "audio/pcmu"
    QString outputFormat;
    bool turnDetection = false;
};
struct SpeechStarted {
    QString itemId;
    qint64 audioStartMs = 0; // in appended audio, not wall time
};
struct SpeechStopped {
    QString itemId;
};
struct InputCommitted {
    QString itemId;
};
struct ResponseCreated {
    QString responseId;
};
struct ResponseDone {
    QString responseId;
    QString status; // completed, cancelled, failed, incomplete
    QString reason; // of status_details: turn_detected, client_cancelled, max_output_tokens, content_filter
    QString errorCode;
    QString errorType;
    Usage usage{}; // what it took
};
struct AudioDelta {
    QString responseId;
    QString itemId;
    QByteArray audio; // of any length
};
struct AudioDone {
    QString responseId;
    QString itemId;
};
struct AgentText { // output_audio_transcript.delta and .done
    QString responseId;
    QString itemId;
    QString text;
    bool whole = false; // the whole text rather than a piece
};
struct CallerText { // input_audio_transcription.delta, .completed and .failed; arrives whenever it likes
    QString itemId;
    QString text;
    bool whole = false;
    bool failed = false;
    Usage usage{}; // what the transcription took, with the whole text
};
struct ToolCall { // response.output_item.done of a function_call that is complete
    QString responseId;
    QString callId;
    QString name;
    QString arguments; // JSON, as the model wrote it
};
struct ErrorEvent {
    QString type;
    QString code;
    QString message;
    QString param;
    QString eventId; // of our event that caused it; may be empty
};
struct OtherEvent {
}; // known or not, nothing for us to do
struct MalformedEvent {
    QString why;
};
using ServerEvent = std::variant<SessionCreated, SessionUpdated, SpeechStarted, SpeechStopped, InputCommitted,
                                 ResponseCreated, ResponseDone, AudioDelta, AudioDone, AgentText, CallerText, ToolCall,
                                 ErrorEvent, OtherEvent, MalformedEvent>;

class RealtimeCodec
{
public:
    RealtimeCodec();
    ~RealtimeCodec();
    Q_DISABLE_COPY_MOVE(RealtimeCodec)

    [[nodiscard]] ServerEvent parse(const QByteArray &text);

private:
    struct Parser;
    std::unique_ptr<Parser> d;
};

// Client events -------------------------------------------------------------------------------------------------------
// As UTF-8. Each carries an event_id of ours, so that an error can be traced to what caused it.

[[nodiscard]] QByteArray sessionUpdate(const QString &eventId, const SessionSettings &settings);
[[nodiscard]] QByteArray appendAudio(const QString &eventId, QByteArrayView audio);
// instructions: for this response only; empty for none.
[[nodiscard]] QByteArray createResponse(const QString &eventId, const QString &instructions);
// A response that says this and nothing else.
[[nodiscard]] QByteArray sayExactly(const QString &eventId, const QString &text);
// Whether the server answers the caller's turns by itself; it hears them in any case.
[[nodiscard]] QByteArray setAnswering(const QString &eventId, const TurnDetection &detection, bool answering);
[[nodiscard]] QByteArray cancelResponse(const QString &eventId, const QString &responseId);
[[nodiscard]] QByteArray truncateItem(const QString &eventId, const QString &itemId, qint64 audioEndMs);
// A finished utterance, told to a new session that took over in mid-call.
[[nodiscard]] QByteArray createMessage(const QString &eventId, bool fromCaller, const QString &text);

[[nodiscard]] QByteArray answerTool(const QString &eventId, const QString &callId, const QString &output);

// What an error event means for us.
enum class Severity {
    Benign,    // a race that the API itself names; nothing to do
    Retryable, // the service's trouble: try again
    Fatal,     // this session can't do its work
};
[[nodiscard]] Severity classify(const ErrorEvent &error);

// Empty when the session has what the gateway needs; else what is wrong with it.
[[nodiscard]] QString whyUnusable(const SessionUpdated &session);

} // namespace takt::speech
