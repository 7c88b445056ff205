// SPDX-License-Identifier: GPL-3.0-or-later
// A speech model on a real socket that does just what a test tells it: it keeps every client event, and answers
// session.update by itself unless told otherwise. Lives in the test's main thread.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QNetworkRequest>
#include <QPointer>
#include <QTest>
#include <QWebSocket>
#include <QWebSocketServer>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

class FakeModel
{
public:
    // What session.update is answered with.
    enum class Session { Echo, WrongFormat, Never };

    FakeModel()
        : m_server(u"fake model"_s, QWebSocketServer::NonSecureMode)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QWebSocketServer::newConnection, &m_server, [this] { onConnection(); });
    }

    [[nodiscard]] QUrl url() const { return QUrl(u"ws://127.0.0.1:%1/v1/realtime"_s.arg(m_server.serverPort())); }

    void send(const QJsonObject &event)
    {
        if (socket != nullptr)
            socket->sendTextMessage(QString::fromUtf8(QJsonDocument(event).toJson(QJsonDocument::Compact)));
    }
    void sendAudio(const QString &response, const QString &item, const QByteArray &audio)
    {
        send({{"type"_L1, "response.output_audio.delta"_L1},
              {"event_id"_L1, "e"_L1},
              {"response_id"_L1, response},
              {"item_id"_L1, item},
              {"output_index"_L1, 0},
              {"content_index"_L1, 0},
              {"delta"_L1, QString::fromLatin1(audio.toBase64())}});
    }
    void sendResponse(const QString &type, const QString &response, const QString &status = u"in_progress"_s)
    {
        send({{"type"_L1, type},
              {"event_id"_L1, "e"_L1},
              {"response"_L1, QJsonObject{{"id"_L1, response}, {"status"_L1, status}}}});
    }
    void sendSpeechStarted(const QString &item)
    {
        send({{"type"_L1, "input_audio_buffer.speech_started"_L1},
              {"event_id"_L1, "e"_L1},
              {"audio_start_ms"_L1, 100},
              {"item_id"_L1, item}});
    }

    // The types of all events so far, appended audio left out.
    [[nodiscard]] QStringList types() const
    {
        QStringList all;
        for (const QJsonObject &event : events) {
            if (event["type"_L1] != "input_audio_buffer.append"_L1)
                all << event["type"_L1].toString();
        }
        return all;
    }
    [[nodiscard]] QJsonObject last(const QString &type) const
    {
        for (auto it = events.crbegin(); it != events.crend(); ++it) {
            if ((*it)["type"_L1] == type)
                return *it;
        }
        return {};
    }
    [[nodiscard]] QByteArray audio() const
    {
        QByteArray all;
        for (const QJsonObject &event : events) {
            if (event["type"_L1] == "input_audio_buffer.append"_L1)
                all += QByteArray::fromBase64(event["audio"_L1].toString().toLatin1());
        }
        return all;
    }

    Session session = Session::Echo;
    QList<QJsonObject> events;
    QList<QByteArray> authorizations;
    int connections = 0;
    QPointer<QWebSocket> socket; // the newest

private:
    void onConnection()
    {
        while (QWebSocket *s = m_server.nextPendingConnection()) {
            ++connections;
            socket = s;
            s->setParent(&m_server);
            authorizations << s->request().rawHeader("Authorization");
            QObject::connect(s, &QWebSocket::textMessageReceived, s, [this](const QString &text) { onText(text); });
        }
    }
    void onText(const QString &text)
    {
        const QJsonObject event = QJsonDocument::fromJson(text.toUtf8()).object();
        events << event;
        if (event["type"_L1] != "session.update"_L1 || session == Session::Never)
            return;
        QJsonObject effective = event["session"_L1].toObject();
        if (session == Session::WrongFormat) {
            QJsonObject format{{"type"_L1, "audio/pcm"_L1}, {"rate"_L1, 24000}};
            effective["audio"_L1] = QJsonObject{{"input"_L1, QJsonObject{{"format"_L1, format}}},
                                                {"output"_L1, QJsonObject{{"format"_L1, format}}}};
        }
        send({{"type"_L1, "session.updated"_L1}, {"event_id"_L1, "e"_L1}, {"session"_L1, effective}});
    }

    QWebSocketServer m_server;
};

} // namespace takt::test
