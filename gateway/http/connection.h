// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to a Listener, from its first byte to its answer or its upgrade. Deletes itself. Main thread.
#pragma once

#include "http/listener.h"

#include <QTimer>

#include <memory>

class QTcpSocket;

namespace takt::http {

class Connection final : public QObject
{
    Q_OBJECT
public:
    // Takes the descriptor over.
    Connection(qintptr descriptor, const std::optional<QSslConfiguration> &tls, Listener &listener);
    ~Connection() override;

    void refuse(int status);
    // Without a word: to make room.
    void drop();

private:
    enum class Phase { Head, Body, Answer, Linger };

    void onReadable();
    void readHead();
    void readBody();
    void onUpgrade(const Request &head);
    void onRequest();
    void answer(const Response &response);
    void onTimeout();
    void stopWaiting();
    void end();

    Listener &m_listener;
    QTcpSocket *m_socket;
    RequestReader m_reader;
    QTimer m_timer;
    Phase m_phase = Phase::Head;
    qsizetype m_seen = 0;                      // bytes of the head looked at before
    qsizetype m_thrown = 0;                    // bytes read and thrown away after a refusal
    std::list<Connection *>::iterator m_place; // among those that wait
    bool m_waits = true;
};

} // namespace takt::http
