// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/aiclient.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kMaxMessage = 300;
constexpr qint64 kMinRetryMs = 1000; // "at once" would use up all attempts at once
constexpr qint64 kMaxRetryMs = 3'600'000;
constexpr int kConnectMs = 10'000;
constexpr int kAnswerMs = 600'000; // a model on a CPU thinks for minutes, and sends nothing meanwhile

QString textOf(const QJsonValue &value)
{
    if (value.isDouble())
        return QString::number(value.toInteger());
    if (!value.isArray())
        return value.toString();
    // FastAPI: a list of what is wrong with the request.
    const QJsonObject first = value.toArray().first().toObject();
    return first.value("msg"_L1).toString();
}

QString publicText(QString text, const QString &secret)
{
    if (!secret.isEmpty())
        text.replace(secret, u"***"_s);
    static const QRegularExpression keys(u"\\bsk-[\\w*.-]+"_s); // OpenAI quotes a part of a wrong key
    text.replace(keys, u"sk-***"_s);
    return text.simplified().left(kMaxMessage);
}

bool isQuota(const ServerError &error)
{
    const auto is = [&](QLatin1StringView word) { return error.code == word || error.type == word; };
    return is("insufficient_quota"_L1) || is("credit_balance_exhausted"_L1);
}

bool isPassing(const HttpAnswer &answer, const ServerError &error)
{
    // No money: no attempt of ours changes that, whatever the header says.
    if (answer.status == 429 && isQuota(error))
        return false;
    const QByteArray said = answer.header("x-should-retry").trimmed().toLower();
    if (said == "true" || said == "false")
        return said == "true";
    return answer.status == 408 || answer.status == 409 || answer.status == 429 || answer.status >= 500;
}

void authorize(HttpRequest &request, const QString &key)
{
    request.headers.emplaceBack("Accept", "application/json");
    request.secretHeaders.append("Authorization");
    if (!key.isEmpty())
        request.headers.emplaceBack("Authorization", "Bearer " + key.toUtf8());
}

AiReply send(JobContext &context, HttpRequest &request, int limitMs)
{
    AiReply reply;
    if (context.stopped()) {
        reply.outcome = context.interrupted();
        return reply;
    }
    const QString key = context.settings().openai.apiKey;
    authorize(request, key);
    request.method = "POST";
    request.connectMs = kConnectMs;
    request.idleMs = limitMs;
    request.totalMs = limitMs;
    const HttpAnswer answer = exchange(context.pass(), request);
    if (!answer.stopped)
        return readReply(answer, key, context.nowMs());
    reply.outcome = context.interrupted();
    return reply;
}

} // namespace

bool ServerError::isAbout(std::initializer_list<QLatin1StringView> words) const
{
    return std::any_of(words.begin(), words.end(), [this](QLatin1StringView word) {
        return param.contains(word, Qt::CaseInsensitive) || message.contains(word, Qt::CaseInsensitive);
    });
}

ServerError serverError(const QByteArray &body)
{
    const QJsonDocument json = QJsonDocument::fromJson(body);
    ServerError error;
    if (!json.isObject()) {
        const QByteArray text = body.trimmed();
        if (!text.startsWith('<') && !text.startsWith('{')) // a proxy's page says nothing to anybody
            error.message = QString::fromUtf8(text.left(4 * kMaxMessage));
        return error;
    }
    const QJsonObject object = json.object();
    const QJsonValue inner = object.value("error"_L1);
    // {"error": {...}}; {"error": "..."}; {"message": ...} or {"detail": ...} alone.
    const QJsonObject from = inner.isObject() ? inner.toObject() : object;
    for (const auto key : {"message"_L1, "error"_L1, "detail"_L1}) {
        if (error.message.isEmpty())
            error.message = textOf(from.value(key));
    }
    error.code = textOf(from.value("code"_L1));
    error.type = textOf(from.value("type"_L1));
    error.param = textOf(from.value("param"_L1));
    return error;
}

store::Outcome failureOf(const HttpAnswer &answer, const QString &secret, qint64 nowMs)
{
    if (answer.tooLong)
        return store::Outcome::failed(u"the answer is too long"_s);
    if (answer.status == 0)
        return store::Outcome::retry(answer.error.isEmpty() ? u"no answer"_s : publicText(answer.error, secret));
    if (answer.status / 100 == 2)
        return store::Outcome::retry(u"the answer was cut off"_s);
    const ServerError error = serverError(answer.body);
    QString reason = u"HTTP %1"_s.arg(answer.status);
    if (answer.status == 413)
        reason += u": the server takes no file of this size"_s;
    else if (answer.status / 100 == 3)
        reason += u": redirected, which is not followed"_s;
    else if (!error.message.isEmpty())
        reason += ": "_L1 % publicText(error.message, secret);
    if (!isPassing(answer, error))
        return store::Outcome::failed(reason);
    const qint64 said = retryAfterMs(answer, nowMs);
    return store::Outcome::retry(reason, said < 0 ? -1 : std::clamp(said, kMinRetryMs, kMaxRetryMs));
}

AiReply readReply(const HttpAnswer &answer, const QString &secret, qint64 nowMs)
{
    AiReply reply;
    reply.status = answer.status;
    if (!answer.ok()) {
        reply.error = serverError(answer.body);
        reply.outcome = failureOf(answer, secret, nowMs);
        return reply;
    }
    QJsonParseError fault{};
    const QJsonDocument json = QJsonDocument::fromJson(answer.body, &fault);
    const QByteArray text = answer.body.trimmed();
    if (json.isObject())
        reply.body = json.object();
    else if (text.startsWith('<') || text.startsWith('{') || text.startsWith('['))
        reply.outcome = store::Outcome::retry(u"the answer is not a JSON object"_s);
    else // servers that know only plain text, whatever format was wanted
        reply.body = QJsonObject{{u"text"_s, QString::fromUtf8(text)}};
    return reply;
}

bool isOpenAi(const QUrl &url)
{
    const QString host = url.host().toLower();
    return host == "api.openai.com"_L1 || host.endsWith(".api.openai.com"_L1); // of a region: eu.api.openai.com
}

bool isReasoningModel(const QString &model)
{
    const QString name = model.section(u'/', -1).toLower();
    return name.startsWith("gpt-5"_L1) || (name.size() > 1 && name.startsWith(u'o') && name.at(1).isDigit());
}

QUrl endpoint(const QUrl &base, QLatin1StringView path)
{
    QUrl url = base;
    QString before = url.path();
    while (before.endsWith(u'/'))
        before.chop(1);
    url.setPath(before % u'/' % path);
    return url;
}

QString whyNotAsked(const config::OpenAiSettings &settings, const QUrl &url)
{
    return settings.apiKey.isEmpty() && isOpenAi(url) ? u"no API key"_s : QString();
}

AiReply upload(JobContext &context, const Upload &upload)
{
    const Multipart form = multipart(upload.fields, {"file", upload.fileName, "audio/wav"}, upload.wav);
    HttpRequest request;
    request.url = upload.url;
    request.headers.emplaceBack("Content-Type", form.contentType);
    request.body = form.around(upload.wav);
    // A large model on a CPU may need several times as long as the recording is.
    return send(context, request, int(std::max<qint64>(kAnswerMs, 4 * upload.audioMs)));
}

AiReply postJson(JobContext &context, const QUrl &url, const QJsonObject &body)
{
    HttpRequest request;
    request.url = url;
    request.headers.emplaceBack("Content-Type", "application/json");
    request.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return send(context, request, kAnswerMs);
}

} // namespace takt::jobs
