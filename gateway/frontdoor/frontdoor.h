// SPDX-License-Identifier: GPL-3.0-or-later
// The one public port. It reads just enough of a connection to know what it is: a WebSocket upgrade for /media[/TOKEN] is
// handed over, unread, to whoever serves media; everything else gets its HTTP status and is closed. Lives in the main
// thread.
#pragma once

#include <QHash>
#include <QHostAddress>
#include <QObject>
#include <QTcpServer>

#include <functional>

class QTcpSocket;

namespace takt::frontdoor {

// What a request head asks for. Pure.
struct Head {
    enum class Kind { Incomplete, Media, Refuse } kind = Kind::Incomplete;
    int status = 0; // of Refuse
};
// `bytes`: what has arrived so far.
[[nodiscard]] Head readHead(const QByteArray &bytes);

class FrontDoor final : public QObject
{
    Q_OBJECT
public:
    // Takes over a socket without parent, in the main thread still, with its request unread.
    using Handover = std::function<void(QTcpSocket *)>;

    explicit FrontDoor(Handover handover, QObject *parent = nullptr);

    // Empty on success. Port 0: any free one.
    [[nodiscard]] QString listen(const QHostAddress &address, quint16 port);
    [[nodiscard]] quint16 port() const { return m_server.serverPort(); }
    void stop() { m_server.close(); }

private:
    void onConnection();
    void onReadable(QTcpSocket *socket);
    void handOver(QTcpSocket *socket);
    void refuse(QTcpSocket *socket, int status);

    QTcpServer m_server;
    Handover m_handover;
    int m_waiting = 0; // connections whose head is not complete
};

} // namespace takt::frontdoor
