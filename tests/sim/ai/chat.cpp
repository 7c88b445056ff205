// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/chat.h"

#include "sim/ai/reader.h"
#include "sim/ai/replies.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <ctime>

namespace takt::sim {
namespace {

int tokensOf(const QString &text)
{
    return int(text.size() + 3) / 4;
}

bool isKnown(const std::string &model, const AiOptions &options)
{
    constexpr std::array kFamilies{"gpt-4", "gpt-5", "o3", "o4"};
    const bool audio = model.find("transcribe") != std::string::npos || model.find("realtime") != std::string::npos;
    return (!audio
            && std::any_of(kFamilies.begin(), kFamilies.end(),
                           [&](const char *family) { return model.starts_with(family); }))
           || std::find(options.models.begin(), options.models.end(), model) != options.models.end();
}

// A message's content: text, or a list of parts.
QString contentOf(const QJsonObject &message)
{
    const QJsonValue content = message.value(QStringLiteral("content"));
    if (content.isString())
        return content.toString();
    QString out;
    for (const QJsonValue &part : content.toArray())
        out += part.toObject().value(QStringLiteral("text")).toString() + u'\n';
    return out;
}

// What was said with these roles; an empty role: all of it.
QString wordsOf(const QJsonObject &request, const QString &role)
{
    QString out;
    for (const QJsonValue &message : request.value(QStringLiteral("messages")).toArray()) {
        if (role.isEmpty() || message.toObject().value(QStringLiteral("role")) == role)
            out += contentOf(message.toObject()) + u'\n';
    }
    return out;
}

// One that never comes by itself: of the schema's first field.
void spoil(QJsonObject &object, bool null)
{
    if (object.isEmpty())
        return;
    const QString name = object.begin().key();
    const QJsonValue other = object.value(name).isString() ? QJsonValue(42) : QJsonValue(QStringLiteral("42"));
    object[name] = null ? QJsonValue() : other;
}

} // namespace

bool Chat::happens(const char *fault, AiRequest &seen)
{
    if (!m_faults.take(std::string("ai.") + fault))
        return false;
    seen.fault = fault;
    return true;
}

std::optional<HttpReply> Chat::refusal(const QJsonObject &request, const AiRequest &seen) const
{
    const QJsonArray messages = request.value(QStringLiteral("messages")).toArray();
    if (messages.isEmpty())
        return aiError(400, QStringLiteral("Missing required parameter: 'messages'."),
                       QStringLiteral("missing_required_parameter"), QStringLiteral("messages"));
    for (const QJsonValue &message : messages) {
        const QString role = message.toObject().value(QStringLiteral("role")).toString();
        if (role != u"system" && role != u"developer" && role != u"user" && role != u"assistant")
            return aiError(400, QStringLiteral("Invalid value: '%1' for a role.").arg(role),
                           QStringLiteral("invalid_value"), QStringLiteral("messages"));
    }
    if (!openAi())
        return std::nullopt;
    if (seen.model.empty())
        return aiError(400, QStringLiteral("you must provide a model parameter"));
    if (!isKnown(seen.model, m_options))
        return unknownModel(seen.model);
    static const QStringList known{QStringLiteral("model"),
                                   QStringLiteral("messages"),
                                   QStringLiteral("response_format"),
                                   QStringLiteral("max_tokens"),
                                   QStringLiteral("temperature"),
                                   QStringLiteral("max_completion_tokens"),
                                   QStringLiteral("top_p"),
                                   QStringLiteral("n"),
                                   QStringLiteral("seed"),
                                   QStringLiteral("stream"),
                                   QStringLiteral("stop"),
                                   QStringLiteral("user"),
                                   QStringLiteral("store"),
                                   QStringLiteral("metadata"),
                                   QStringLiteral("reasoning_effort"),
                                   QStringLiteral("presence_penalty"),
                                   QStringLiteral("service_tier"),
                                   QStringLiteral("frequency_penalty")};
    for (auto it = request.begin(); it != request.end(); ++it) {
        if (!known.contains(it.key()))
            return aiError(400, QStringLiteral("Unrecognized request argument supplied: %1").arg(it.key()));
    }
    return std::nullopt;
}

Chat::Format Chat::formatOf(const QJsonObject &request, const QString &words) const
{
    const QJsonObject format = request.value(QStringLiteral("response_format")).toObject();
    const QString type = format.value(QStringLiteral("type")).toString(QStringLiteral("text"));
    Format out;
    if (type == u"json_object") {
        out.json = true;
        if (!openAi())
            out.schema = format.value(QStringLiteral("schema")).toObject();
        else if (!words.contains(u"json", Qt::CaseInsensitive))
            out.refusal = aiError(400, QStringLiteral("'messages' must contain the word 'json' in some form."), {},
                                  QStringLiteral("messages"));
        return out;
    }
    if (type != u"json_schema")
        return out;
    out.json = true;
    const QJsonObject named = format.value(QStringLiteral("json_schema")).toObject();
    out.schema = named.value(QStringLiteral("schema")).toObject();
    if (!openAi() && out.schema.isEmpty())
        out.schema = format.value(QStringLiteral("schema")).toObject();
    if (!openAi())
        return out;
    const QString param = QStringLiteral("response_format");
    if (named.isEmpty() || named.value(QStringLiteral("name")).toString().isEmpty() || out.schema.isEmpty())
        out.refusal = aiError(400,
                              QStringLiteral("Missing required parameter: 'response_format.json_schema.%1'.")
                                  .arg(out.schema.isEmpty() ? QStringLiteral("schema") : QStringLiteral("name")),
                              QStringLiteral("missing_required_parameter"), param);
    else if (named.value(QStringLiteral("strict")).toBool()) {
        if (const QString wrong = strictSchemaError(out.schema); !wrong.isEmpty())
            out.refusal = aiError(400, QStringLiteral("Invalid schema for response_format: ") + wrong,
                                  QStringLiteral("invalid_json_schema"), param);
    }
    return out;
}

Chat::Message Chat::compose(const Format &format, const QString &userText, int maxTokens, AiRequest &seen)
{
    Message message;
    if (happens("refusal", seen)) {
        message.refused = true;
        message.content = QStringLiteral("I'm sorry, I can't help with that.");
        return message;
    }
    Reader reader(m_options, userText);
    if (format.json) {
        QJsonObject object = format.schema.isEmpty() ? QJsonObject{{QStringLiteral("summary"), reader.summary()}}
                                                     : reader.fill(format.schema).toObject();
        if (happens("null", seen))
            spoil(object, true);
        else if (happens("wrong-type", seen))
            spoil(object, false);
        message.content = QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
    } else {
        message.content = reader.summary();
    }
    if (happens("invalid-json", seen))
        message.content = QStringLiteral("Here is the summary: ") + message.content.chopped(1);
    else if (happens("fences", seen))
        message.content = QStringLiteral("```json\n") + message.content + QStringLiteral("\n```");
    int tokens = tokensOf(message.content);
    if (happens("length", seen))
        maxTokens = tokens / 2;
    if (maxTokens > 0 && tokens > maxTokens) {
        message.cut = true;
        message.content.truncate(4 * maxTokens);
    }
    return message;
}

HttpReply Chat::answer(const HttpRequest &http, AiRequest &seen)
{
    QJsonParseError error{};
    const QJsonObject request = QJsonDocument::fromJson(QByteArray::fromStdString(http.body), &error).object();
    if (error.error != QJsonParseError::NoError)
        return aiError(400, QStringLiteral("We could not parse the JSON body of your request: ") + error.errorString());
    const QString all = wordsOf(request, {});
    seen.model = request.value(QStringLiteral("model")).toString().toStdString();
    seen.prompt = all.toStdString();
    seen.format = request.value(QStringLiteral("response_format"))
                      .toObject()
                      .value(QStringLiteral("type"))
                      .toString(QStringLiteral("text"))
                      .toStdString();
    if (auto refused = refusal(request, seen))
        return *refused;
    const Format format = formatOf(request, all);
    if (format.refusal)
        return *format.refusal;
    const QString limit = request.contains(QStringLiteral("max_completion_tokens"))
                              ? QStringLiteral("max_completion_tokens")
                              : QStringLiteral("max_tokens");
    const Message message = compose(format, wordsOf(request, QStringLiteral("user")), request.value(limit).toInt(),
                                    seen);
    seen.done = true;
    seen.text = message.content.toStdString();
    QJsonObject said{{QStringLiteral("role"), QStringLiteral("assistant")},
                     {QStringLiteral("content"), message.refused ? QJsonValue() : QJsonValue(message.content)}};
    if (openAi())
        said[QStringLiteral("refusal")] = message.refused ? QJsonValue(message.content) : QJsonValue();
    QJsonArray choices{QJsonObject{
        {QStringLiteral("index"), 0},
        {QStringLiteral("message"), said},
        {QStringLiteral("finish_reason"), message.cut ? QStringLiteral("length") : QStringLiteral("stop")}}};
    if (happens("empty-choices", seen))
        choices = {};
    const int in = tokensOf(all);
    const int out = tokensOf(message.content);
    return jsonAnswer({{QStringLiteral("id"), QStringLiteral("chatcmpl-sim%1").arg(++m_count)},
                       {QStringLiteral("object"), QStringLiteral("chat.completion")},
                       {QStringLiteral("created"), qint64(std::time(nullptr))},
                       {QStringLiteral("model"), QString::fromStdString(seen.model)},
                       {QStringLiteral("choices"), choices},
                       {QStringLiteral("usage"), QJsonObject{{QStringLiteral("prompt_tokens"), in},
                                                             {QStringLiteral("completion_tokens"), out},
                                                             {QStringLiteral("total_tokens"), in + out}}}});
}

} // namespace takt::sim
