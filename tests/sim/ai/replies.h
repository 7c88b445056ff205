// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of the AI API's answers. Pure.
#pragma once

#include "sim/wire/httpserver.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace takt::sim {

[[nodiscard]] inline HttpReply jsonAnswer(const QJsonObject &object, int status = 200)
{
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
    return reply;
}

[[nodiscard]] inline HttpReply textAnswer(const std::string &text, int status = 200)
{
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"Content-Type", "text/plain"}};
    reply.body = text;
    return reply;
}

// The service's error envelope; `param` and `code` may be null.
[[nodiscard]] inline HttpReply aiError(int status, const QString &message, const QString &code = {},
                                       const QString &param = {},
                                       const QString &type = QStringLiteral("invalid_request_error"))
{
    const auto orNull = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    return jsonAnswer({{QStringLiteral("error"), QJsonObject{{QStringLiteral("message"), message},
                                                             {QStringLiteral("type"), type},
                                                             {QStringLiteral("param"), orNull(param)},
                                                             {QStringLiteral("code"), orNull(code)}}}},
                      status);
}

[[nodiscard]] inline HttpReply unknownModel(const std::string &model)
{
    return aiError(404,
                   QStringLiteral("The model `%1` does not exist or you do not have access to it.")
                       .arg(QString::fromStdString(model)),
                   QStringLiteral("model_not_found"));
}

} // namespace takt::sim
