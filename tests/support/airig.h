// SPDX-License-Identifier: GPL-3.0-or-later
// A stage that asks an AI server, and that server over a real socket: it says what the test's script says, one answer after
// the other, the last one again and again. For tests; in the thread of the test.
#pragma once

#include "sim/ai/multipart.h"
#include "sim/audio/wav.h"
#include "support/jobrig.h"

#include <QJsonArray>

#include <cmath>

namespace takt::test {

inline QByteArray json(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}
inline HttpSay say(const QJsonObject &object, int status = 200, const QByteArray &headers = {})
{
    return {.status = status, .body = json(object), .headers = headers};
}
inline HttpSay refusal(int status, const QJsonObject &error, const QByteArray &headers = {})
{
    return say({{u"error"_s, error}}, status, headers);
}

// A chat's answer with that text.
inline QJsonObject chatOf(const QString &content, const QString &finish = u"stop"_s)
{
    return {{u"id"_s, u"chatcmpl-1"_s},
            {u"choices"_s, QJsonArray{QJsonObject{{u"index"_s, 0},
                                                  {u"finish_reason"_s, finish},
                                                  {u"message"_s, QJsonObject{{u"role"_s, u"assistant"_s},
                                                                             {u"refusal"_s, QJsonValue()},
                                                                             {u"content"_s, content}}}}}}};
}
inline HttpSay saysObject(const QJsonObject &object)
{
    return say(chatOf(QString::fromUtf8(json(object))));
}

// So much sound of that level, in milliseconds; level 0 is silence.
struct Sound {
    int ms = 0;
    int level = 3000;
};
inline QByteArray wavOf(const QList<Sound> &sounds, int rate = 16'000)
{
    QByteArray pcm;
    for (const Sound &sound : sounds) {
        for (int i = 0; i < sound.ms * (rate / 1000); ++i) {
            const auto sample = qint16((i / 20) % 2 == 0 ? sound.level : -sound.level); // its RMS is the level
            pcm.append(char(sample & 0xFF)).append(char((sample >> 8) & 0xFF));
        }
    }
    const std::string head = sim::wavHead(rate, 1, std::uint32_t(pcm.size()));
    return QByteArray(head.data(), qsizetype(head.size())) + pcm;
}

// An upload as the server reads it.
struct Uploaded {
    QHash<QByteArray, QByteArrayList> fields;
    QByteArray fileName;
    qint64 fileMs = -1; // -1: no mono WAV of 16 bits
    QByteArray file;
    [[nodiscard]] QByteArray value(const QByteArray &name) const { return fields.value(name).join('|'); }
};
inline Uploaded uploadedIn(const HttpSeen &seen)
{
    Uploaded uploaded;
    const auto form = sim::Multipart::parse(seen.headers.value("content-type").toStdString(),
                                            {seen.body.constData(), size_t(seen.body.size())});
    if (!form)
        return uploaded;
    for (const sim::FormPart &part : form->parts) {
        const QByteArray data(part.data.data(), qsizetype(part.data.size()));
        if (part.filename.empty()) {
            uploaded.fields[QByteArray::fromStdString(part.name)].append(data);
            continue;
        }
        uploaded.fileName = QByteArray::fromStdString(part.filename);
        uploaded.file = data;
        if (const auto pcm = sim::parseMonoWav(part.data))
            uploaded.fileMs = qint64(pcm->samples.size()) * 1000 / pcm->rate;
    }
    return uploaded;
}

class AiRig
{
public:
    AiRig()
    {
        rig.settings.openai.baseUrl = server.url(u"/v1"_s);
        rig.settings.openai.apiKey = u"sk-test-key"_s;
    }

    void useBusiness(config::Business business)
    {
        business.name = u"acme"_s;
        rig.settings.businesses = config::BusinessBook({std::make_shared<const config::Business>(std::move(business))},
                                                       nullptr);
    }
    // A call in which the caller says that much.
    void putConversation()
    {
        rig.putCall(u"acme"_s);
        rig.putTurn(Speaker::Agent, u"Good morning, how can I help?"_s);
        rig.putTurn(Speaker::Caller, u"I need a plumber in Haifa, my name is Dana."_s);
    }
    // What the job would begin with if it were claimed again now.
    [[nodiscard]] QJsonObject checkpoint(Stage stage)
    {
        const QString text = rig.value(u"SELECT checkpoint FROM jobs WHERE stage = '%1'"_s.arg(QString(name(stage))))
                                 .toString();
        return QJsonDocument::fromJson(text.toUtf8()).object();
    }
    void nextAttempt(Stage stage)
    {
        rig.job.checkpoint = checkpoint(stage);
        ++rig.job.attempt;
        QString reason;
        rig.pass.reset();
        rig.pass = rig.gate.enter(JobRig::kCallSid, reason);
    }
    // The body of a request that is JSON.
    [[nodiscard]] QJsonObject asked(qsizetype i) const
    {
        return QJsonDocument::fromJson(server.requests.value(i).body).object();
    }
    [[nodiscard]] qsizetype requests() const { return server.requests.size(); }

    QList<HttpSay> script;
    std::function<void(const HttpSeen &)> onRequest;

    JobRig rig;
    ScriptedHttp server{[this](const HttpSeen &seen) {
        if (onRequest)
            onRequest(seen);
        if (script.isEmpty())
            return HttpSay{.status = 500, .body = "the test has no script"};
        return script.size() > 1 ? script.takeFirst() : script.first();
    }};
};

} // namespace takt::test
