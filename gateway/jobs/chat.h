// SPDX-License-Identifier: GPL-3.0-or-later
// A question to a text model whose answer is a JSON object of a given shape, from any server that knows chat completions.
// What the servers can't do is left out and asked again, within the same attempt. The answer is written down as it came
// before anything is made of it, so that a crash or a stop does not pay for it twice. Lives in the job's thread.
#pragma once

#include "jobs/aiclient.h"

namespace takt::jobs {

struct ChatRequest {
    QString name; // of the shape
    QJsonObject schema;
    QString system;
    QString user;
    int maxTokens = 800;
    std::function<bool(const QJsonObject &)> fits; // an answer that does not is another attempt's matter
};

struct ChatReply {
    std::optional<QJsonObject> value;
    store::Outcome outcome; // without a value: how the stage ends
};

[[nodiscard]] ChatReply chat(JobContext &context, const ChatRequest &request);
// Why a stage that asks the text model has nothing to ask; empty: it may.
[[nodiscard]] QString whyNoChat(const config::OpenAiSettings &settings, const QString &off);

// An object with these properties, all required, as strict mode wants it.
[[nodiscard]] QJsonObject strictObject(const QJsonObject &properties);
// {"type": [type, "null"]}
[[nodiscard]] QJsonObject orNull(QLatin1StringView type);
// A caller's words between marks that they can't contain.
[[nodiscard]] QString asData(QString text);

// What a server is known to take, learnt from its refusals.
struct ChatDialect {
    bool temperature = true;
    bool strictSchema = true; // else {"type": "json_object"}, and the schema in the prompt
    bool newTokenLimit = false;
    int tokenFactor = 1;
};
[[nodiscard]] QJsonObject chatBody(const QString &model, const ChatRequest &request, const ChatDialect &dialect);

// The first object in a text that fits: alone, in a fence, or among other words.
[[nodiscard]] std::optional<QJsonObject> objectIn(const QString &text,
                                                  const std::function<bool(const QJsonObject &)> &fits);

} // namespace takt::jobs
