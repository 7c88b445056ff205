// SPDX-License-Identifier: GPL-3.0-or-later
// Raw clients of an HTTP port: they send the bytes that they are told, and keep what comes back. For tests; everything in
// the thread of the test.
#pragma once

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QSslSocket>
#include <QTcpSocket>
#include <QTest>

#include <memory>

namespace takt::test {

class HttpClient
{
public:
    // With TLS: any certificate will do.
    explicit HttpClient(quint16 port, bool tls = false)
        : socket(tls ? std::make_unique<QSslSocket>() : std::make_unique<QTcpSocket>())
    {
        m_clock.start();
        QObject::connect(socket.get(), &QTcpSocket::readyRead, socket.get(), [this] { answer += socket->readAll(); });
        QObject::connect(socket.get(), &QTcpSocket::disconnected, socket.get(),
                         [this] { closedMs = m_clock.elapsed(); });
        if (tls) {
            auto *ssl = static_cast<QSslSocket *>(socket.get());
            ssl->setPeerVerifyMode(QSslSocket::VerifyNone);
            ssl->connectToHostEncrypted(QStringLiteral("127.0.0.1"), port);
        } else {
            socket->connectToHost(QHostAddress::LocalHost, port);
        }
    }

    // Connected, and with TLS: encrypted.
    bool wait()
    {
        const auto *ssl = qobject_cast<QSslSocket *>(socket.get());
        return QTest::qWaitFor([&] {
            return socket->state() == QAbstractSocket::ConnectedState && (ssl == nullptr || ssl->isEncrypted());
        });
    }
    HttpClient &send(const QByteArray &bytes)
    {
        if (wait()) {
            socket->write(bytes);
            socket->flush();
        }
        return *this;
    }
    // Until the other side has closed.
    bool waitClosed(int ms = 10'000)
    {
        return QTest::qWaitFor([this] { return socket->state() == QAbstractSocket::UnconnectedState; }, ms);
    }
    // Until a whole answer is there.
    bool waitAnswer(int ms = 10'000)
    {
        return QTest::qWaitFor([this] { return answer.contains("\r\n\r\n"); }, ms);
    }
    // 0: no answer.
    [[nodiscard]] int status() const { return answer.startsWith("HTTP/1.1 ") ? answer.sliced(9, 3).toInt() : 0; }
    [[nodiscard]] QByteArray body() const
    {
        const qsizetype end = answer.indexOf("\r\n\r\n");
        return end < 0 ? QByteArray() : answer.sliced(end + 4);
    }
    [[nodiscard]] bool isOpen() const { return socket->state() == QAbstractSocket::ConnectedState; }

    std::unique_ptr<QTcpSocket> socket;
    QByteArray answer;
    qint64 closedMs = -1;

private:
    QElapsedTimer m_clock;
};

// Sends a request, and waits for the answer and the end. Refused, it has seen enough: else the other side would wait a while
// for what it still sends.
inline std::unique_ptr<HttpClient> ask(quint16 port, const QByteArray &bytes, bool tls = false)
{
    auto client = std::make_unique<HttpClient>(port, tls);
    client->send(bytes);
    client->waitAnswer();
    if (client->status() >= 400)
        client->socket->disconnectFromHost();
    client->waitClosed();
    return client;
}

inline QByteArray post(const QByteArray &target, const QByteArray &body, const QByteArray &headers = {})
{
    return "POST " + target + " HTTP/1.1\r\nHost: gw.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
           + headers + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

inline QByteArray upgradeOf(const QByteArray &target, const QByteArray &headers = {})
{
    return "GET " + target
           + " HTTP/1.1\r\nhost: gw.example\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
             "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
           + headers + "\r\n";
}

} // namespace takt::test
