// SPDX-License-Identifier: GPL-3.0-or-later
// A TX thread with a port before it, as the daemon builds it, and carriers to connect to it. For tests.
#pragma once

#include "carrier/hub.h"
#include "http/listener.h"
#include "media/beatthread.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTcpSocket>
#include <QTest>
#include <QWebSocket>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

inline QString sid(const char *prefix, int n)
{
    return QLatin1StringView(prefix) + u"%1"_s.arg(n, 32, 10, QChar(u'0'));
}

class MediaThread
{
public:
    explicit MediaThread(const carrier::LaneOptions &options = {}, const media::Pacer::Config &pacer = {})
        : m_ring(std::make_shared<media::CallerAudioRing>(m_consumer.dispatcher()))
        , m_port({{},
                  [this](const http::Request &) {
                      ++upgrades;
                      return http::Upgrade{
                          0, [this](QTcpSocket *socket) { carrier::Hub::handOver(hub.get(), socket, pass); }};
                  }},
                 {})
    {
        m_thread.run([&] {
            m_worker = std::make_unique<media::TxWorker>(m_thread.dispatcher(), pacer, m_ring);
            hub = std::make_unique<carrier::Hub>(0, *m_worker, options);
        });
        [[maybe_unused]] const QString error = m_port.open(QHostAddress::LocalHost, 0);
    }
    ~MediaThread()
    {
        m_thread.run([&] {
            hub.reset();
            m_worker.reset();
        });
    }

    [[nodiscard]] quint16 port() const { return m_port.serverPort(); }
    [[nodiscard]] QUrl url(const QString &scheme = u"ws"_s) const
    {
        return QUrl(u"%1://127.0.0.1:%2/media"_s.arg(scheme).arg(port()));
    }
    media::CallerAudioRing &ring() { return *m_ring; }
    // Whom the ring wakes; otherwise it sleeps.
    [[nodiscard]] QAbstractEventDispatcher *consumer() const { return m_consumer.dispatcher(); }
    void run(const std::function<void()> &f) { m_thread.run(f); }

    void setTls(const QSslConfiguration &tls) { m_port.setTls(tls); }

    std::unique_ptr<carrier::Hub> hub;
    carrier::Pass pass; // of streams from now on
    int upgrades = 0;   // that were let in

private:
    media::BeatThread m_consumer{u"consumer"_s}; // only somebody to wake
    media::BeatThread m_thread{u"tx"_s};
    std::shared_ptr<media::CallerAudioRing> m_ring;
    std::unique_ptr<media::TxWorker> m_worker;
    http::Listener m_port;
};

// One carrier's stream: a real WebSocket client. Keeps all messages.
class FakeCarrier
{
public:
    FakeCarrier(const QUrl &url, int number)
        : callSid(sid("CA", number))
        , streamSid(sid("MZ", number))
    {
        QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                         [this](const QString &text) { messages << QJsonDocument::fromJson(text.toUtf8()).object(); });
        QSslConfiguration tls = socket.sslConfiguration();
        tls.setPeerVerifyMode(QSslSocket::VerifyNone); // a test's certificate is its own
        socket.setSslConfiguration(tls);
        socket.open(url);
    }

    bool waitConnected()
    {
        return QTest::qWaitFor([this] { return socket.state() == QAbstractSocket::ConnectedState; });
    }
    void send(const QJsonObject &message)
    {
        sendText(QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
    }
    void sendText(const QString &text)
    {
        socket.sendTextMessage(text);
        socket.flush();
    }
    [[nodiscard]] QJsonObject start() const
    {
        QJsonObject parameters{{"from"_L1, "+15550001"_L1}};
        if (!token.isEmpty())
            parameters.insert("token"_L1, token);
        const QJsonObject format{{"encoding"_L1, "audio/x-mulaw"_L1}, {"sampleRate"_L1, 8000}, {"channels"_L1, 1}};
        return {{"event"_L1, "start"_L1},
                {"sequenceNumber"_L1, "1"_L1},
                {"start"_L1, QJsonObject{{"accountSid"_L1, sid("AC", 1)},
                                         {"streamSid"_L1, streamSid},
                                         {"callSid"_L1, callSid},
                                         {"tracks"_L1, QJsonArray{"inbound"_L1}},
                                         {"mediaFormat"_L1, format},
                                         {"customParameters"_L1, parameters}}},
                {"streamSid"_L1, streamSid}};
    }
    // start() as one masked frame, for a socket that knows nothing of WebSockets.
    [[nodiscard]] QByteArray startFrame() const
    {
        const QByteArray text = QJsonDocument(start()).toJson(QJsonDocument::Compact);
        return QByteArray("\x81\xFE", 2) + char(text.size() >> 8) + char(text.size()) + QByteArray(4, '\0') + text;
    }
    void sendStart()
    {
        send({{"event"_L1, "connected"_L1}, {"protocol"_L1, "Call"_L1}, {"version"_L1, "1.0.0"_L1}});
        send(start());
    }
    void sendMedia(const QByteArray &audio, qint64 timestampMs)
    {
        send({{"event"_L1, "media"_L1},
              {"sequenceNumber"_L1, "2"_L1},
              {"media"_L1, QJsonObject{{"track"_L1, "inbound"_L1},
                                       {"chunk"_L1, "1"_L1},
                                       {"timestamp"_L1, QString::number(timestampMs)},
                                       {"payload"_L1, QString::fromLatin1(audio.toBase64())}}},
              {"streamSid"_L1, streamSid}});
    }
    void sendMark(const QString &name)
    {
        send({{"event"_L1, "mark"_L1},
              {"sequenceNumber"_L1, "4"_L1},
              {"streamSid"_L1, streamSid},
              {"mark"_L1, QJsonObject{{"name"_L1, name}}}});
    }
    void sendStop()
    {
        send({{"event"_L1, "stop"_L1},
              {"sequenceNumber"_L1, "5"_L1},
              {"stop"_L1, QJsonObject{{"accountSid"_L1, sid("AC", 1)}, {"callSid"_L1, callSid}}},
              {"streamSid"_L1, streamSid}});
    }
    // "media", "mark" or "clear", in the order of arrival.
    [[nodiscard]] QStringList events() const
    {
        QStringList all;
        for (const QJsonObject &m : messages)
            all << m["event"_L1].toString();
        return all;
    }
    [[nodiscard]] QStringList marks() const
    {
        QStringList all;
        for (const QJsonObject &m : messages) {
            if (m["event"_L1] == "mark"_L1)
                all << m["mark"_L1]["name"_L1].toString();
        }
        return all;
    }
    [[nodiscard]] QList<QByteArray> frames() const
    {
        QList<QByteArray> all;
        for (const QJsonObject &m : messages) {
            if (m["event"_L1] == "media"_L1)
                all << QByteArray::fromBase64(m["media"_L1]["payload"_L1].toString().toLatin1());
        }
        return all;
    }

    const QString callSid;
    const QString streamSid;
    QString token; // a parameter of `start`, unless empty
    QWebSocket socket;
    QList<QJsonObject> messages;
};

} // namespace takt::test
