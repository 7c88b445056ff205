// SPDX-License-Identifier: GPL-3.0-or-later
#include "speech/codec.h"

#include "media/base64.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <simdjson.h>

namespace takt::speech {

using namespace Qt::Literals::StringLiterals;
namespace dom = simdjson::dom;

namespace {

using View = std::string_view;

View text(const dom::object &object, View key)
{
    View value;
    return object[key].get(value) == simdjson::SUCCESS ? value : View();
}

QString string(const dom::object &object, View key)
{
    const View value = text(object, key);
    return QString::fromUtf8(value.data(), qsizetype(value.size()));
}

// The object at a path of keys; empty when there is none.
dom::object child(const dom::object &object, std::initializer_list<View> path)
{
    static dom::parser s_parser;
    static const dom::object s_empty = s_parser.parse(View("{}")).get_object().value_unsafe();
    dom::object at = object;
    for (const View key : path) {
        dom::object next;
        if (at[key].get(next) != simdjson::SUCCESS)
            return s_empty;
        at = next;
    }
    return at;
}

ServerEvent parseAudioDelta(const dom::object &event)
{
    View delta;
    if (event["delta"].get(delta) != simdjson::SUCCESS)
        return MalformedEvent{u"audio without delta"_s};
    auto decoded = media::fromBase64(QByteArrayView(delta.data(), qsizetype(delta.size())));
    if (!decoded)
        return MalformedEvent{u"audio that is not base64"_s};
    AudioDelta audio{string(event, "response_id"), string(event, "item_id"), std::move(*decoded)};
    if (audio.itemId.isEmpty() || audio.responseId.isEmpty())
        return MalformedEvent{u"audio without response_id or item_id"_s};
    return audio;
}

// Tokens; none where there is no such number. No session takes more than a fraction of the limit.
qint64 tokens(const dom::object &object, View key)
{
    constexpr std::int64_t kMost = 1'000'000'000;
    std::int64_t n = 0;
    return object[key].get(n) == simdjson::SUCCESS && n > 0 ? std::min(n, kMost) : 0;
}

// What the service does not say to be text or audio belongs to no class. Cached tokens are among those read; some servers
// leave out what they are, then they count as read anew: rather too dear than too cheap.
Usage usageOf(const dom::object &response)
{
    const dom::object usage = child(response, {"usage"});
    const dom::object in = child(usage, {"input_token_details"});
    const dom::object cached = child(in, {"cached_tokens_details"});
    const dom::object out = child(usage, {"output_token_details"});
    Usage u;
    u[UsageClass::CachedText] = std::min(tokens(cached, "text_tokens"), tokens(in, "text_tokens"));
    u[UsageClass::CachedAudio] = std::min(tokens(cached, "audio_tokens"), tokens(in, "audio_tokens"));
    u[UsageClass::InputText] = tokens(in, "text_tokens") - u[UsageClass::CachedText];
    u[UsageClass::InputAudio] = tokens(in, "audio_tokens") - u[UsageClass::CachedAudio];
    u[UsageClass::OutputText] = tokens(out, "text_tokens");
    u[UsageClass::OutputAudio] = tokens(out, "audio_tokens");
    const qint64 classified = u.tokens();
    const qint64 all = tokens(usage, "input_tokens") + tokens(usage, "output_tokens");
    u[UsageClass::Unclassified] = std::max<qint64>(0, all - classified);
    return u;
}

// Of a transcription: by tokens or by duration.
Usage transcriptionUsageOf(const dom::object &event)
{
    const dom::object usage = child(event, {"usage"});
    Usage u;
    double seconds = 0;
    if (text(usage, "type") == "duration") {
        if (usage["seconds"].get(seconds) == simdjson::SUCCESS && seconds > 0)
            u[UsageClass::TranscribedMs] = qint64(std::min(seconds, 86'400.0) * 1000 + 0.5);
        return u;
    }
    const dom::object in = child(usage, {"input_token_details"});
    u[UsageClass::TranscribedText] = tokens(in, "text_tokens");
    u[UsageClass::TranscribedAudio] = tokens(in, "audio_tokens");
    const qint64 classified = u.tokens();
    u[UsageClass::TranscribedOutput] = tokens(usage, "output_tokens");
    u[UsageClass::Unclassified] = std::max<qint64>(0, tokens(usage, "input_tokens") - classified);
    return u;
}

ServerEvent parseResponseDone(const dom::object &event)
{
    const dom::object response = child(event, {"response"});
    const dom::object details = child(response, {"status_details"});
    const dom::object error = child(details, {"error"});
    return ResponseDone{string(response, "id"), string(response, "status"), string(details, "reason"),
                        string(error, "code"),  string(error, "type"),      usageOf(response)};
}

ServerEvent parseSessionUpdated(const dom::object &event)
{
    const dom::object session = child(event, {"session"});
    const dom::object input = child(session, {"audio", "input"});
    dom::object detection;
    SessionUpdated updated;
    updated.type = string(session, "type");
    updated.inputFormat = string(child(input, {"format"}), "type");
    updated.outputFormat = string(child(session, {"audio", "output", "format"}), "type");
    updated.turnDetection = input["turn_detection"].get(detection) == simdjson::SUCCESS;
    return updated;
}

ServerEvent parseSpeechStarted(const dom::object &event)
{
    std::int64_t startMs = 0;
    if (event["audio_start_ms"].get(startMs) != simdjson::SUCCESS)
        startMs = 0;
    return SpeechStarted{string(event, "item_id"), startMs};
}

ServerEvent parseItemDone(const dom::object &event)
{
    const dom::object item = child(event, {"item"});
    const View status = text(item, "status");
    // The event comes for items that were broken off as well, with half their arguments.
    if (text(item, "type") != "function_call" || (!status.empty() && status != "completed"))
        return OtherEvent();
    return ToolCall{string(event, "response_id"), string(item, "call_id"), string(item, "name"),
                    string(item, "arguments")};
}

ServerEvent parseError(const dom::object &event)
{
    const dom::object error = child(event, {"error"});
    return ErrorEvent{string(error, "type"), string(error, "code"), string(error, "message"), string(error, "param"),
                      string(error, "event_id")};
}

template <bool Whole>
ServerEvent parseAgentText(const dom::object &event)
{
    return AgentText{string(event, "response_id"), string(event, "item_id"),
                     string(event, Whole ? "transcript" : "delta"), Whole};
}

template <bool Whole, bool Failed>
ServerEvent parseCallerText(const dom::object &event)
{
    return CallerText{string(event, "item_id"), string(event, Whole ? "transcript" : "delta"), Whole, Failed,
                      Whole ? transcriptionUsageOf(event) : Usage()};
}

struct Row {
    View type;
    ServerEvent (*parse)(const dom::object &);
};

// Hot ones first.
const Row kRows[] = {
    {"response.output_audio.delta", parseAudioDelta},
    {"response.output_audio_transcript.delta", parseAgentText<false>},
    {"response.output_audio.done",
     [](const dom::object &e) -> ServerEvent {
         return AudioDone{string(e, "response_id"), string(e, "item_id")};
     }},
    {"response.output_audio_transcript.done", parseAgentText<true>},
    {"response.created",
     [](const dom::object &e) -> ServerEvent { return ResponseCreated{string(child(e, {"response"}), "id")}; }},
    {"response.done", parseResponseDone},
    {"input_audio_buffer.speech_started", parseSpeechStarted},
    {"input_audio_buffer.speech_stopped",
     [](const dom::object &e) -> ServerEvent { return SpeechStopped{string(e, "item_id")}; }},
    {"input_audio_buffer.committed",
     [](const dom::object &e) -> ServerEvent { return InputCommitted{string(e, "item_id")}; }},
    {"conversation.item.input_audio_transcription.delta", parseCallerText<false, false>},
    {"conversation.item.input_audio_transcription.completed", parseCallerText<true, false>},
    {"conversation.item.input_audio_transcription.failed", parseCallerText<true, true>},
    {"response.output_item.done", parseItemDone},
    {"error", parseError},
    {"session.updated", parseSessionUpdated},
    {"session.created", [](const dom::object &) -> ServerEvent { return SessionCreated(); }},
};

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QJsonObject pcmu()
{
    return {{"type"_L1, "audio/pcmu"_L1}}; // no rate: the format has none
}

// Always whole: what is left out of it may fall back to the server's defaults.
QJsonObject detectionOf(const TurnDetection &vad, bool answering)
{
    return {{"type"_L1, "server_vad"_L1},
            {"threshold"_L1, vad.threshold},
            {"prefix_padding_ms"_L1, vad.prefixPaddingMs},
            {"silence_duration_ms"_L1, vad.silenceDurationMs},
            {"create_response"_L1, answering},
            {"interrupt_response"_L1, vad.interruptResponse}};
}

QString describe(const QString &tool)
{
    return tool == kEndCall
               ? u"Ends the phone call. Say goodbye first, and call this only when the conversation is over: the "
                 "caller has said goodbye or needs nothing more."_s
               : u"Passes the caller on to a human colleague. Tell the caller first. Call this when the caller "
                 "asks for a person, or needs what you cannot do."_s;
}

QJsonArray toolsOf(const SessionSettings &settings)
{
    QJsonArray tools;
    for (const QString &tool : settings.tools)
        tools.append(QJsonObject{
            {"type"_L1, "function"_L1},
            {"name"_L1, tool},
            {"description"_L1, describe(tool)},
            {"parameters"_L1, QJsonObject{{"type"_L1, "object"_L1}, {"properties"_L1, QJsonObject()}}},
        });
    return tools;
}

} // namespace

struct RealtimeCodec::Parser {
    dom::parser parser;
};

RealtimeCodec::RealtimeCodec()
    : d(std::make_unique<Parser>())
{
}

RealtimeCodec::~RealtimeCodec() = default;

ServerEvent RealtimeCodec::parse(const QByteArray &bytes)
{
    dom::object event;
    const auto error = d->parser.parse(bytes.constData(), std::size_t(bytes.size())).get(event);
    if (error != simdjson::SUCCESS)
        return MalformedEvent{u"not a JSON object: "_s + QLatin1StringView(simdjson::error_message(error))};
    const View type = text(event, "type");
    if (type.empty())
        return MalformedEvent{u"an event without type"_s};
    for (const Row &row : kRows) {
        if (row.type == type)
            return row.parse(event);
    }
    return OtherEvent();
}

QByteArray sessionUpdate(const QString &eventId, const SessionSettings &settings)
{
    QJsonObject input{{"format"_L1, pcmu()}, {"turn_detection"_L1, detectionOf(settings.turnDetection, true)}};
    if (!settings.transcriptionModel.isEmpty()) {
        QJsonObject transcription{{"model"_L1, settings.transcriptionModel}};
        if (!settings.language.isEmpty())
            transcription.insert("language"_L1, settings.language);
        input.insert("transcription"_L1, transcription);
    }
    QJsonObject output{{"format"_L1, pcmu()}};
    if (!settings.voice.isEmpty())
        output.insert("voice"_L1, settings.voice);
    QJsonObject session{
        {"type"_L1, "realtime"_L1}, // required in every update
        {"output_modalities"_L1, QJsonArray{"audio"_L1}},
        {"audio"_L1, QJsonObject{{"input"_L1, input}, {"output"_L1, output}}},
    };
    if (!settings.instructions.isEmpty())
        session.insert("instructions"_L1, settings.instructions);
    if (!settings.tools.isEmpty())
        session.insert("tools"_L1, toolsOf(settings));
    return compact({{"type"_L1, "session.update"_L1}, {"event_id"_L1, eventId}, {"session"_L1, session}});
}

QByteArray appendAudio(const QString &eventId, QByteArrayView audio)
{
    // Fifty times a second a call: put together by hand.
    return R"({"type":"input_audio_buffer.append","event_id":")"_ba % eventId.toLatin1() % R"(","audio":")"_ba
           % media::toBase64(audio) % R"("})"_ba;
}

QByteArray createResponse(const QString &eventId, const QString &instructions)
{
    QJsonObject event{{"type"_L1, "response.create"_L1}, {"event_id"_L1, eventId}};
    if (!instructions.isEmpty())
        event.insert("response"_L1, QJsonObject{{"instructions"_L1, instructions}});
    return compact(event);
}

QByteArray sayExactly(const QString &eventId, const QString &text)
{
    const QString instructions =
        u"Say to the caller, word for word and in its own language, only what stands between the "
        "quotation marks; say nothing before it and nothing after it: \""_s
        % text % u'"';
    const QJsonObject response{{"instructions"_L1, instructions}, {"tool_choice"_L1, "none"_L1}};
    return compact({{"type"_L1, "response.create"_L1}, {"event_id"_L1, eventId}, {"response"_L1, response}});
}

QByteArray setAnswering(const QString &eventId, const TurnDetection &detection, bool answering)
{
    const QJsonObject input{{"turn_detection"_L1, detectionOf(detection, answering)}};
    const QJsonObject session{{"type"_L1, "realtime"_L1}, {"audio"_L1, QJsonObject{{"input"_L1, input}}}};
    return compact({{"type"_L1, "session.update"_L1}, {"event_id"_L1, eventId}, {"session"_L1, session}});
}

QByteArray cancelResponse(const QString &eventId, const QString &responseId)
{
    return compact({{"type"_L1, "response.cancel"_L1}, {"event_id"_L1, eventId}, {"response_id"_L1, responseId}});
}

QByteArray truncateItem(const QString &eventId, const QString &itemId, qint64 audioEndMs)
{
    return compact({{"type"_L1, "conversation.item.truncate"_L1},
                    {"event_id"_L1, eventId},
                    {"item_id"_L1, itemId},
                    {"content_index"_L1, 0},
                    {"audio_end_ms"_L1, audioEndMs}});
}

QByteArray createMessage(const QString &eventId, bool fromCaller, const QString &text)
{
    const QJsonObject part{{"type"_L1, fromCaller ? "input_text"_L1 : "output_text"_L1}, {"text"_L1, text}};
    const QJsonObject item{{"type"_L1, "message"_L1},
                           {"role"_L1, fromCaller ? "user"_L1 : "assistant"_L1},
                           {"content"_L1, QJsonArray{part}}};
    return compact({{"type"_L1, "conversation.item.create"_L1}, {"event_id"_L1, eventId}, {"item"_L1, item}});
}

QByteArray answerTool(const QString &eventId, const QString &callId, const QString &output)
{
    const QJsonObject item{{"type"_L1, "function_call_output"_L1}, {"call_id"_L1, callId}, {"output"_L1, output}};
    return compact({{"type"_L1, "conversation.item.create"_L1}, {"event_id"_L1, eventId}, {"item"_L1, item}});
}

Severity classify(const ErrorEvent &error)
{
    static const QHash<QString, Severity> s_known{
        {u"conversation_already_has_active_response"_s, Severity::Benign},
        {u"response_cancel_not_active"_s, Severity::Benign},
        {u"item_truncate_invalid_item_id"_s, Severity::Benign},
        {u"input_audio_buffer_commit_empty"_s, Severity::Benign},
        {u"cannot_update_voice"_s, Severity::Benign},
        {u"rate_limit_exceeded"_s, Severity::Retryable},
        {u"server_error"_s, Severity::Retryable},
        {u"session_expired"_s, Severity::Retryable},
        {u"invalid_api_key"_s, Severity::Fatal},
        {u"insufficient_quota"_s, Severity::Fatal},
        {u"credit_balance_exhausted"_s, Severity::Fatal},
        {u"model_not_found"_s, Severity::Fatal},
        {u"beta_api_shape_disabled"_s, Severity::Fatal},
    };
    const auto known = s_known.constFind(error.code);
    if (known != s_known.constEnd())
        return *known;
    if (error.type == "server_error"_L1)
        return Severity::Retryable;
    if (error.eventId.startsWith("turns-"_L1))
        return Severity::Benign; // the session works on; what it answers unasked is cancelled
    // A rejected event of ours changes nothing else, unless it was the session itself that was rejected.
    return error.eventId.startsWith("session-"_L1) || error.param.startsWith("session."_L1) ? Severity::Fatal
                                                                                            : Severity::Benign;
}

QString whyUnusable(const SessionUpdated &session)
{
    if (session.type != "realtime"_L1)
        return u"session.type is \"%1\", not \"realtime\""_s.arg(session.type);
    if (session.inputFormat != "audio/pcmu"_L1)
        return u"the input format is \"%1\", not \"audio/pcmu\""_s.arg(session.inputFormat);
    if (session.outputFormat != "audio/pcmu"_L1)
        return u"the output format is \"%1\", not \"audio/pcmu\""_s.arg(session.outputFormat);
    if (!session.turnDetection)
        return u"turn detection is off"_s;
    return {};
}

} // namespace takt::speech
