// SPDX-License-Identifier: GPL-3.0-or-later
// A listening port for HTTP/1.1 and for WebSocket upgrades, plain or TLS. Each connection carries one request and is
// closed after the answer. Who is slow, huge or wrong gets a status and is closed; when too many connections wait for
// their request, the one that has waited longest makes room: a stranger who opens thousands and says nothing cannot keep
// the carrier out. Lives in the main thread.
#pragma once

#include "http/message.h"

#include <QHostAddress>
#include <QObject>
#include <QSslConfiguration>
#include <QTcpServer>

#include <functional>
#include <list>
#include <optional>

class QTcpSocket;

namespace takt::http {

class Connection;

// What to do with a request that wants to become a WebSocket.
struct Upgrade {
    int refuse = 0; // not 0: the status to refuse with
    // Takes over the socket: without parent, in the main thread still, its request unread, its TLS handshake done.
    std::function<void(QTcpSocket *)> takeOver;
};

class Listener final : public QTcpServer
{
    Q_OBJECT
public:
    // Answers once, soon or later, in the main thread. Harmless when the connection has gone meanwhile.
    using Reply = std::function<void(const Response &)>;
    struct Handlers {
        std::function<void(const Request &, const Reply &)> request;
        std::function<Upgrade(const Request &head)> upgrade; // null: every upgrade is refused with 404
    };
    struct Limits {
        int headMs = 5000;   // from the connection to a whole head, the TLS handshake included
        int bodyMs = 10'000; // ... to a whole request
        int answerMs = 10'000;
        int waiting = 2000; // connections whose request is not whole
    };

    Listener(Handlers handlers, const Limits &limits, QObject *parent = nullptr);
    ~Listener() override;

    // Empty on success. Port 0: any free one.
    [[nodiscard]] QString open(const QHostAddress &address, quint16 port);
    // TLS for connections from now on; nothing: plain.
    void setTls(std::optional<QSslConfiguration> tls) { m_tls = std::move(tls); }

private:
    friend class Connection;
    void incomingConnection(qintptr descriptor) override;

    const Handlers m_handlers;
    const Limits m_limits;
    std::optional<QSslConfiguration> m_tls;
    std::list<Connection *> m_waiting; // the oldest first
    int m_open = 0;
};

} // namespace takt::http
