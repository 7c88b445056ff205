// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/connection.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QPointer>
#include <QSslSocket>

namespace takt::http {

using telemetry::Counter;
using telemetry::lcGateway;

namespace {

constexpr int kLingerMs = 1000;
constexpr qsizetype kLingerBytes = 1024 * 1024;
constexpr qsizetype kReadBytes = 64 * 1024; // what Qt may hold for us unread

} // namespace

Connection::Connection(qintptr descriptor, const std::optional<QSslConfiguration> &tls, Listener &listener)
    : QObject(&listener)
    , m_listener(listener)
    , m_socket(tls ? new QSslSocket(this) : new QTcpSocket(this))
    , m_timer(this)
    , m_place(listener.m_waiting.insert(listener.m_waiting.end(), this))
{
    ++listener.m_open;
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Connection::onTimeout);
    m_timer.start(listener.m_limits.headMs);
    m_socket->setReadBufferSize(kReadBytes);
    connect(m_socket, &QTcpSocket::readyRead, this, &Connection::onReadable);
    connect(m_socket, &QTcpSocket::disconnected, this, &Connection::end);
    // A failed TLS handshake is no disconnection to Qt in every case.
    connect(m_socket, &QTcpSocket::errorOccurred, this, [this] {
        if (m_socket->state() != QAbstractSocket::ConnectedState)
            end();
    });
    if (!m_socket->setSocketDescriptor(descriptor)) {
        end();
        return;
    }
    if (tls) {
        auto *socket = static_cast<QSslSocket *>(m_socket);
        socket->setSslConfiguration(*tls);
        socket->startServerEncryption();
    }
}

Connection::~Connection()
{
    stopWaiting();
    --m_listener.m_open;
}

void Connection::drop()
{
    m_socket->abort();
    end();
}

void Connection::onReadable()
{
    switch (m_phase) {
    case Phase::Head: readHead(); return;
    case Phase::Body: readBody(); return;
    case Phase::Answer: return; // pipelined: there is one answer a connection
    case Phase::Linger:
        m_thrown += m_socket->readAll().size();
        if (m_thrown > kLingerBytes)
            m_socket->abort();
        return;
    }
}

// Looks without taking: who serves an upgrade has to find its request unread.
void Connection::readHead()
{
    const QByteArray bytes = m_socket->peek(kMaxHeadBytes);
    // The end of the head is searched for where it can be new.
    const bool whole = bytes.indexOf("\r\n\r\n", qMax<qsizetype>(0, m_seen - 3)) >= 0;
    m_seen = bytes.size();
    if (!whole && bytes.size() < kMaxHeadBytes && bytes.size() > 0 && bytes.front() >= 'A' && bytes.front() <= 'Z')
        return; // may well become a request
    const Head head = http::readHead(bytes);
    if (head.status != 0)
        refuse(head.status);
    else if (head.request && head.request->isUpgrade())
        onUpgrade(*head.request);
    else if (head.request) {
        m_phase = Phase::Body;
        m_timer.start(m_listener.m_limits.bodyMs);
        readBody();
    }
}

void Connection::readBody()
{
    if (const int status = m_reader.feed(m_socket->readAll()); status != 0)
        refuse(status);
    else if (m_reader.done())
        onRequest();
}

void Connection::onRequest()
{
    m_phase = Phase::Answer;
    stopWaiting();
    m_timer.start(m_listener.m_limits.answerMs);
    m_listener.m_handlers.request(m_reader.take(), [self = QPointer(this)](const Response &response) {
        if (self != nullptr && self->m_phase == Phase::Answer)
            self->answer(response);
    });
}

void Connection::onUpgrade(const Request &head)
{
    m_phase = Phase::Answer;
    stopWaiting();
    if (!m_listener.m_handlers.upgrade) {
        refuse(404);
        return;
    }
    Upgrade upgrade = m_listener.m_handlers.upgrade(head);
    if (upgrade.refuse != 0) {
        refuse(upgrade.refuse);
        return;
    }
    // Not from within the socket's own signal: it must not change threads before that has returned.
    m_timer.stop();
    m_socket->disconnect(this);
    QMetaObject::invokeMethod(
        this,
        [this, upgrade = std::move(upgrade)] {
            deleteLater();
            if (m_socket->state() != QAbstractSocket::ConnectedState)
                return; // gone meanwhile
            m_socket->setParent(nullptr);
            m_socket->setReadBufferSize(0);
            upgrade.takeOver(std::exchange(m_socket, nullptr));
        },
        Qt::QueuedConnection);
}

void Connection::answer(const Response &response)
{
    m_phase = Phase::Linger;
    m_socket->write(response.toBytes());
    m_socket->disconnectFromHost(); // once all is written
    m_timer.start(m_listener.m_limits.answerMs);
}

// The answer first, then what the peer still sends is thrown away for a while: closing over unread bytes would reset the
// connection, and the peer might never see why.
void Connection::refuse(int status)
{
    telemetry::count(Counter::FrontDoorRejected);
    qCWarning(lcGateway).noquote() << "refused a request from" << m_socket->peerAddress().toString() << "with"
                                   << status;
    stopWaiting();
    m_phase = Phase::Linger;
    m_socket->write(Response::plain(status).toBytes());
    m_timer.start(kLingerMs);
    if (m_listener.m_open > 2 * m_listener.m_limits.waiting) { // a flood: no time for manners
        m_socket->disconnectFromHost();
        return;
    }
    m_socket->flush();
    onReadable();
}

void Connection::onTimeout()
{
    switch (m_phase) {
    case Phase::Head:
        if (m_seen == 0)
            m_socket->abort(); // said nothing at all: no request, no answer
        else
            refuse(408);
        return;
    case Phase::Body: refuse(408); return;
    case Phase::Answer: refuse(503); return;
    case Phase::Linger:
        m_socket->disconnectFromHost();
        if (m_socket->state() != QAbstractSocket::UnconnectedState)
            m_socket->abort();
        return;
    }
}

void Connection::stopWaiting()
{
    if (std::exchange(m_waits, false))
        m_listener.m_waiting.erase(m_place);
}

void Connection::end()
{
    stopWaiting();
    m_timer.stop();
    m_socket->disconnect(this);
    deleteLater();
}

} // namespace takt::http
