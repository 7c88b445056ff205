// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to OpenAI, or to a server that speaks like it (whisper.cpp, Speaches, llama.cpp, Ollama, vLLM), and what their
// answers mean for a job: later again, or never. Lives in the job's thread, which waits for the answer.
//
// Sources: https://platform.openai.com/docs/api-reference, /docs/guides/error-codes; the retry rules are those of OpenAI's
// own client libraries.
#pragma once

#include "jobs/jobcontext.h"
#include "jobs/multipart.h"

#include <QJsonObject>

#include <optional>

namespace takt::jobs {

// Why a request was refused. Servers say it in several shapes; missing parts are empty.
struct ServerError {
    QString message;
    QString code;
    QString type;
    QString param; // what of the request it is about
    // Is it about one of these, as the parameter or anywhere in the message?
    [[nodiscard]] bool isAbout(std::initializer_list<QLatin1StringView> words) const;
};
// Whatever content type was said: OpenAI sends its JSON of a 401 as text/plain.
[[nodiscard]] ServerError serverError(const QByteArray &body);

struct AiReply {
    std::optional<QJsonObject> body; // of a success; a text that is no JSON: {"text": ...}
    int status = 0;
    ServerError error;
    store::Outcome outcome; // without a body: how the attempt ends
};

// What an answer that is no success means. `secret` is never part of the reason.
[[nodiscard]] store::Outcome failureOf(const HttpAnswer &answer, const QString &secret, qint64 nowMs);
[[nodiscard]] AiReply readReply(const HttpAnswer &answer, const QString &secret, qint64 nowMs);

[[nodiscard]] bool isOpenAi(const QUrl &url);
// Of the last part of a name like "openai/gpt-5-mini": models that think first, take no temperature, and count their
// thoughts as tokens of the answer.
[[nodiscard]] bool isReasoningModel(const QString &model);
[[nodiscard]] QUrl endpoint(const QUrl &base, QLatin1StringView path);
// "no API key", or empty: OpenAI need not be asked without one; a server of one's own may want none.
[[nodiscard]] QString whyNotAsked(const config::OpenAiSettings &settings, const QUrl &url);

struct Upload {
    QUrl url;
    FormFields fields;
    QString fileName; // the servers go by its extension
    QByteArray wav;
    qint64 audioMs = 0;
};
[[nodiscard]] AiReply upload(JobContext &context, const Upload &upload);
[[nodiscard]] AiReply postJson(JobContext &context, const QUrl &url, const QJsonObject &body);

} // namespace takt::jobs
