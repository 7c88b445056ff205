// SPDX-License-Identifier: GPL-3.0-or-later
// Writes WebSocket text messages (RFC 6455, 5.2) straight into the TCP socket below a QWebSocket: one message, one system
// call. QWebSocket itself would convert each message twice, copy it twice, switch a notifier on and off and tell about
// it with half a dozen signals; with fifty messages a second from each call that was a sixth of all CPU. Handshake,
// reading, control frames and closing stay QWebSocket's. Lives in the socket's thread.
#pragma once

#include <QAbstractSocket>
#include <QByteArrayView>

class QSslSocket;
class QWebSocket;

namespace takt::media {

class TextWriter final : public QObject
{
    Q_OBJECT
public:
    enum class Role {
        Server, // sends as it is
        Client, // masks what it sends
    };

    // After the handshake of `socket`; `transport` is the one below it. When either closes or dies, this falls silent.
    TextWriter(QWebSocket *socket, QAbstractSocket *transport, Role role);

    // UTF-8. Nothing is written once the socket is closing: nothing may follow its close frame. What the kernel does not
    // take at once stays with the transport, which sends it when it can. An error of TLS may reach the socket's
    // owner from within, who may end this object then.
    void send(QByteArrayView text);
    // Bytes that the kernel has not taken yet. A TLS socket takes everything at once and keeps what it has encrypted.
    [[nodiscard]] qint64 unsent() const;

private:
    QAbstractSocket *const m_transport; // while open
    QSslSocket *const m_tls;            // the same; null: plain
    const Role m_role;
    bool m_open;
};

} // namespace takt::media
