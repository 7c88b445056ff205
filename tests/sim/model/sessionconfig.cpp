// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/sessionconfig.h"

#include "sim/model/schema.h"

#include <initializer_list>
#include <limits>

namespace takt::sim {
namespace {

using namespace schema;

QStringList words(const char *spaced)
{
    return QString::fromLatin1(spaced).split(u' ');
}

Fields fieldsOf(std::initializer_list<std::pair<const char *, Check>> entries)
{
    Fields fields;
    for (const auto &[name, check] : entries)
        fields.emplace(QString::fromLatin1(name), check);
    return fields;
}

// audio/pcm must name its rate; the G.711 formats must not.
std::optional<ApiError> checkFormat(const QJsonValue &value, const QString &path)
{
    if (value.toObject().value(u"type") == QStringLiteral("audio/pcm"))
        return object(fieldsOf({{"type", text()}, {"rate", integer(24000, 24000)}}), words("type rate"))(value, path);
    return object(fieldsOf({{"type", oneOf(words("audio/pcm audio/pcmu audio/pcma"))}}), words("type"))(value, path);
}

std::optional<ApiError> checkTurnDetection(const QJsonValue &value, const QString &path)
{
    if (value.toObject().value(u"type") == QStringLiteral("semantic_vad")) {
        return object(fieldsOf({{"type", text()},
                                {"eagerness", oneOf(words("low medium high auto"))},
                                {"create_response", boolean()},
                                {"interrupt_response", boolean()}}))(value, path);
    }
    return object(fieldsOf({{"type", oneOf(words("server_vad semantic_vad"))},
                            {"threshold", number(0, 1)},
                            {"prefix_padding_ms", integer(0, 10'000)},
                            {"silence_duration_ms", integer(0, 10'000)},
                            {"create_response", boolean()},
                            {"interrupt_response", boolean()},
                            {"idle_timeout_ms", nullOr(integer(5000, 30'000))}}),
                  words("type"))(value, path);
}

Check voice()
{
    return either(object(fieldsOf({{"id", text()}}), words("id")),
                  oneOf(words("alloy ash ballad coral echo sage shimmer verse marin cedar")));
}

Check maxTokens()
{
    return either(oneOf(words("inf")), integer(1, 4096));
}

Check toolList()
{
    // Tools are flat; what belongs to an MCP tool is not simulated and not checked.
    return listOf([](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (value.toObject().value(u"type") == QStringLiteral("mcp"))
            return std::nullopt;
        return object(fieldsOf({{"type", oneOf(words("function mcp"))},
                                {"name", text()},
                                {"description", text()},
                                {"parameters", object({})}}),
                      words("type name"))(
            [&] {
                QJsonObject tool = value.toObject();
                if (tool.value(u"parameters").isObject())
                    tool[u"parameters"] = QJsonObject(); // a JSON schema: its content is the client's business
                return value.isObject() ? QJsonValue(tool) : value;
            }(),
            path);
    });
}

Check toolChoice()
{
    return either(oneOf(words("auto none required")),
                  object(fieldsOf({{"type", oneOf(words("function mcp"))}, {"name", text()}, {"server_label", text()}}),
                         words("type")));
}

Check modalities()
{
    const Check list = listOf(oneOf(words("audio text")));
    return [list](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (const auto wrong = list(value, path))
            return wrong;
        if (value.toArray().size() != 1)
            return invalid(path, QStringLiteral("either ['audio'] or ['text'] is supported."));
        return std::nullopt;
    };
}

Check reasoning()
{
    return object(fieldsOf({{"effort", oneOf(words("minimal low medium high xhigh"))}}));
}

Check audioInput()
{
    const Check noise = object(fieldsOf({{"type", oneOf(words("near_field far_field"))}}), words("type"));
    const Check transcription = object(
        fieldsOf({{"model", text()}, {"language", text()}, {"prompt", text()}, {"delay", anything()}}));
    return object(fieldsOf({{"format", checkFormat},
                            {"noise_reduction", nullOr(noise)},
                            {"transcription", nullOr(transcription)},
                            {"turn_detection", nullOr(checkTurnDetection)}}));
}

Check audioOutput(bool ofSession)
{
    Fields fields = fieldsOf({{"format", checkFormat}, {"voice", voice()}});
    if (ofSession)
        fields.emplace(QStringLiteral("speed"), number(0.25, 1.5));
    return object(fields);
}

const Check &sessionCheck()
{
    static const Check check = object(
        fieldsOf({{"type", oneOf(words("realtime"))},
                  {"model", text()},
                  {"output_modalities", modalities()},
                  {"instructions", text()},
                  {"audio", object(fieldsOf({{"input", audioInput()}, {"output", audioOutput(true)}}))},
                  {"include", nullOr(listOf(oneOf(words("item.input_audio_transcription.logprobs"))))},
                  {"tracing", anything()},
                  {"tools", toolList()},
                  {"tool_choice", toolChoice()},
                  {"parallel_tool_calls", boolean()},
                  {"reasoning", reasoning()},
                  {"max_output_tokens", maxTokens()},
                  {"truncation", anything()},
                  {"prompt", nullOr(anything())}}),
        words("type"));
    return check;
}

// Fields that are named replace; objects within audio and turn_detection of one type are merged.
void merge(QJsonObject &into, const QJsonObject &from)
{
    static const QStringList merged = words("audio input output turn_detection");
    for (auto it = from.begin(); it != from.end(); ++it) {
        QJsonObject inner = into.value(it.key()).toObject();
        const bool sameType = !it.value().toObject().contains(u"type")
                              || it.value().toObject().value(u"type") == inner.value(u"type");
        if (merged.contains(it.key()) && it.value().isObject() && !inner.isEmpty() && sameType) {
            merge(inner, it.value().toObject());
            into[it.key()] = inner;
        } else {
            into[it.key()] = it.value();
        }
    }
}

QJsonObject serverVad(int silenceMs)
{
    return {{QStringLiteral("type"), QStringLiteral("server_vad")},
            {QStringLiteral("threshold"), 0.5},
            {QStringLiteral("prefix_padding_ms"), 300},
            {QStringLiteral("silence_duration_ms"), silenceMs},
            {QStringLiteral("idle_timeout_ms"), QJsonValue()},
            {QStringLiteral("create_response"), true},
            {QStringLiteral("interrupt_response"), true}};
}

} // namespace

SessionConfig::SessionConfig(const QString &sessionId, const QString &model, qint64 expiresAt)
{
    const QJsonObject pcm{{QStringLiteral("type"), QStringLiteral("audio/pcm")}, {QStringLiteral("rate"), 24000}};
    const QJsonObject input{{QStringLiteral("format"), pcm},
                            {QStringLiteral("transcription"), QJsonValue()},
                            {QStringLiteral("noise_reduction"), QJsonValue()},
                            {QStringLiteral("turn_detection"), serverVad(200)}};
    const QJsonObject output{{QStringLiteral("format"), pcm},
                             {QStringLiteral("voice"), QStringLiteral("alloy")},
                             {QStringLiteral("speed"), 1.0}};
    m_session = {
        {QStringLiteral("type"), QStringLiteral("realtime")},
        {QStringLiteral("object"), QStringLiteral("realtime.session")},
        {QStringLiteral("id"), sessionId},
        {QStringLiteral("model"), model},
        {QStringLiteral("expires_at"), expiresAt},
        {QStringLiteral("output_modalities"), QJsonArray{QStringLiteral("audio")}},
        {QStringLiteral("instructions"), QStringLiteral("You are a helpful assistant.")},
        {QStringLiteral("audio"), QJsonObject{{QStringLiteral("input"), input}, {QStringLiteral("output"), output}}},
        {QStringLiteral("tools"), QJsonArray()},
        {QStringLiteral("tool_choice"), QStringLiteral("auto")},
        {QStringLiteral("max_output_tokens"), QStringLiteral("inf")},
        {QStringLiteral("truncation"), QStringLiteral("auto")},
        {QStringLiteral("tracing"), QJsonValue()},
        {QStringLiteral("include"), QJsonValue()},
        {QStringLiteral("prompt"), QJsonValue()}};
}

std::optional<ApiError> SessionConfig::update(const QJsonObject &session, bool voiceLocked)
{
    if (const auto wrong = sessionCheck()(session, QStringLiteral("session")))
        return wrong;
    if (session.contains(u"model") && session.value(u"model") != m_session.value(u"model"))
        return ApiError{QStringLiteral("invalid_value"), QStringLiteral("The model of a session cannot be changed."),
                        QStringLiteral("session.model")};
    const auto voiceOf = [](const QJsonObject &object) {
        return object.value(u"audio").toObject().value(u"output").toObject().value(u"voice");
    };
    if (voiceLocked && !voiceOf(session).isUndefined() && voiceOf(session) != voiceOf(m_session))
        return ApiError{QStringLiteral("cannot_update_voice"),
                        QStringLiteral("Cannot update a conversation's voice if assistant audio is present."),
                        QStringLiteral("session.audio.output.voice")};
    QJsonObject wanted = session;
    // A turn detection of another kind starts from that kind's defaults.
    QJsonObject audio = wanted.value(u"audio").toObject();
    QJsonObject input = audio.value(u"input").toObject();
    const QJsonObject turn = input.value(u"turn_detection").toObject();
    if (turn.value(u"type") == QStringLiteral("server_vad") && turnDetection().value(u"type") != turn.value(u"type")) {
        QJsonObject full = serverVad(500);
        merge(full, turn);
        input[u"turn_detection"] = full;
        audio[u"input"] = input;
        wanted[u"audio"] = audio;
    }
    merge(m_session, wanted);
    return std::nullopt;
}

QJsonObject SessionConfig::turnDetection() const
{
    return m_session.value(u"audio").toObject().value(u"input").toObject().value(u"turn_detection").toObject();
}

QString SessionConfig::inputFormat() const
{
    const QJsonObject input = m_session.value(u"audio").toObject().value(u"input").toObject();
    return input.value(u"format").toObject().value(u"type").toString();
}

QString SessionConfig::outputFormat() const
{
    const QJsonObject output = m_session.value(u"audio").toObject().value(u"output").toObject();
    return output.value(u"format").toObject().value(u"type").toString();
}

bool SessionConfig::transcribes() const
{
    const QJsonObject input = m_session.value(u"audio").toObject().value(u"input").toObject();
    return input.value(u"transcription").isObject();
}

bool SessionConfig::hasVad() const
{
    return !turnDetection().isEmpty();
}

bool SessionConfig::createsResponse() const
{
    return turnDetection().value(u"create_response").toBool(true);
}

bool SessionConfig::interruptsResponse() const
{
    return hasVad() && turnDetection().value(u"interrupt_response").toBool(true);
}

bool SessionConfig::speaks() const
{
    return m_session.value(u"output_modalities").toArray().contains(QStringLiteral("audio"));
}

VadSettings SessionConfig::vad() const
{
    const QJsonObject turn = turnDetection();
    return {turn.value(u"threshold").toDouble(0.5), turn.value(u"prefix_padding_ms").toInt(300),
            turn.value(u"silence_duration_ms").toInt(500)};
}

std::optional<ApiError> checkResponseParameters(const QJsonObject &response)
{
    static const Check check = object(fieldsOf({{"instructions", text()},
                                                {"output_modalities", modalities()},
                                                {"audio", object(fieldsOf({{"output", audioOutput(false)}}))},
                                                {"tools", toolList()},
                                                {"tool_choice", toolChoice()},
                                                {"max_output_tokens", maxTokens()},
                                                {"conversation", oneOf(words("auto none"))},
                                                {"input", listOf(anything())},
                                                {"metadata", nullOr(anything())},
                                                {"prompt", nullOr(anything())},
                                                {"reasoning", reasoning()},
                                                {"parallel_tool_calls", boolean()}}));
    return check(response, QStringLiteral("response"));
}

} // namespace takt::sim
