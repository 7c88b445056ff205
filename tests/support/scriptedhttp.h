// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP server that says what a test's function tells it, faults included, and keeps what it was asked. For tests; lives
// in the test's thread: whoever waits for it there must run an event loop (exchange() does).
#pragma once

#include "support/listener.h"

#include <QHash>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>
#include <QUrl>

#include <algorithm>
#include <functional>
#include <memory>

namespace takt::test {

struct HttpSeen {
    QByteArray method;
    QByteArray target;
    QByteArray head;                       // all of it
    QHash<QByteArray, QByteArray> headers; // names in lower case
    QByteArray body;
    int connection = 0; // from 1
};

struct HttpSay {
    int status = 200;
    QByteArray body;
    QByteArray headers{}; // whole lines
    enum class Length { Said, Chunked, UntilTheEnd } length = Length::Said;
    qsizetype cutAfter = -1;   // so many bytes of the body: then the connection ends
    qsizetype stallAfter = -1; // ... then nothing more comes
    int pieceBytes = 0;        // the body comes in pieces
    int pieceMs = 0;           // ... so far apart
    bool drop = false;         // no answer: the connection ends
    bool silent = false;       // no answer at all
    QByteArray raw{};          // instead of all this; then the connection ends
};

class ScriptedHttp : public QObject
{
public:
    using Handler = std::function<HttpSay(const HttpSeen &)>;

    explicit ScriptedHttp(Handler handler, const QSslConfiguration &tls = {},
                          const QHostAddress &address = QHostAddress::LocalHost)
        : m_handler(std::move(handler))
        , m_tls(!tls.privateKey().isNull())
        , m_server(makeServer(tls))
    {
        if (!m_server->listen(address))
            qFatal("no port");
        connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, this, [this] {
            while (QTcpSocket *socket = m_server->nextPendingConnection()) {
                const int number = ++connections;
                connect(socket, &QTcpSocket::readyRead, this, [this, socket, number] { onBytes(socket, number); });
                connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
                    m_bytes.remove(socket);
                    ++ended;
                });
            }
        });
    }

    [[nodiscard]] quint16 port() const { return m_server->serverPort(); }
    [[nodiscard]] QUrl url(const QString &path = QStringLiteral("/"), const QString &host = {}) const
    {
        const QString at = host.isEmpty() ? m_server->serverAddress().toString() : host;
        return QUrl(QStringLiteral("%1://%2:%3%4")
                        .arg(m_tls ? QStringLiteral("https") : QStringLiteral("http"), at)
                        .arg(port())
                        .arg(path));
    }
    [[nodiscard]] QList<QByteArray> targets() const
    {
        QList<QByteArray> all;
        for (const HttpSeen &seen : requests)
            all << seen.target;
        return all;
    }

    QList<HttpSeen> requests;
    int connections = 0;
    int ended = 0; // connections

private:
    void onBytes(QTcpSocket *socket, int number)
    {
        QByteArray &bytes = m_bytes[socket];
        bytes += socket->readAll();
        const qsizetype end = bytes.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        HttpSeen seen;
        seen.connection = number;
        seen.head = bytes.first(end);
        const QList<QByteArray> lines = seen.head.split('\n');
        const QList<QByteArray> first = lines.first().trimmed().split(' ');
        seen.method = first.value(0);
        seen.target = first.value(1);
        for (const QByteArray &line : lines.sliced(1)) {
            const qsizetype colon = line.indexOf(':');
            seen.headers.insert(line.first(std::max<qsizetype>(0, colon)).toLower(), line.sliced(colon + 1).trimmed());
        }
        const qsizetype length = seen.headers.value("content-length").toLongLong();
        if (bytes.size() < end + 4 + length)
            return;
        seen.body = bytes.sliced(end + 4, length);
        bytes.clear();
        requests.append(seen);
        say(socket, m_handler(seen));
    }

    void say(QTcpSocket *socket, const HttpSay &what)
    {
        if (what.silent)
            return;
        if (what.drop || !what.raw.isEmpty()) {
            socket->write(what.raw);
            socket->disconnectFromHost();
            return;
        }
        QByteArray head = "HTTP/1.1 " + QByteArray::number(what.status) + " X\r\n" + what.headers;
        if (what.length == HttpSay::Length::Said)
            head += "Content-Length: " + QByteArray::number(what.body.size()) + "\r\n";
        else if (what.length == HttpSay::Length::Chunked)
            head += "Transfer-Encoding: chunked\r\n";
        else
            head += "Connection: close\r\n";
        socket->write(head + "\r\n");
        piece(socket, std::make_shared<HttpSay>(what), 0);
    }

    void piece(const QPointer<QTcpSocket> &socket, const std::shared_ptr<HttpSay> &what, qsizetype at)
    {
        if (socket.isNull() || socket->state() != QAbstractSocket::ConnectedState)
            return;
        const bool chunked = what->length == HttpSay::Length::Chunked;
        qsizetype until = what->pieceBytes > 0 ? std::min(at + what->pieceBytes, what->body.size()) : what->body.size();
        const bool stall = what->stallAfter >= 0 && until >= what->stallAfter;
        const bool cut = what->cutAfter >= 0 && until >= what->cutAfter;
        if (stall || cut)
            until = stall ? what->stallAfter : what->cutAfter;
        const QByteArray bytes = what->body.mid(at, until - at);
        if (chunked && !bytes.isEmpty())
            socket->write(QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n");
        else
            socket->write(bytes);
        if (stall)
            return;
        if (cut) {
            socket->disconnectFromHost();
            return;
        }
        if (until < what->body.size()) {
            QTimer::singleShot(what->pieceMs, this, [this, socket, what, until] { piece(socket, what, until); });
            return;
        }
        if (chunked)
            socket->write("0\r\n\r\n");
        if (what->length == HttpSay::Length::UntilTheEnd)
            socket->disconnectFromHost();
    }

    Handler m_handler;
    const bool m_tls;
    QHash<QTcpSocket *, QByteArray> m_bytes;
    std::unique_ptr<QTcpServer> m_server; // goes first, and tells of its sockets' end
};

// A port of this host where nobody listens.
inline quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace takt::test
