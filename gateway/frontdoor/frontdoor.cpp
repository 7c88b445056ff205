// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/frontdoor.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QTcpSocket>
#include <QTimer>

namespace takt::frontdoor {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::lcGateway;

namespace {

constexpr int kMaxHeadBytes = 8 * 1024;
constexpr int kHeadTimeoutMs = 5000;
constexpr int kAcceptAgainMs = 200;
constexpr int kMaxWaiting = 2000;
constexpr int kBacklog = 1024; // connections that the kernel holds for us: a burst of calls

QByteArray reason(int status)
{
    switch (status) {
    case 400: return "Bad Request"_ba;
    case 404: return "Not Found"_ba;
    case 405: return "Method Not Allowed"_ba;
    case 408: return "Request Timeout"_ba;
    case 426: return "Upgrade Required"_ba;
    case 431: return "Request Header Fields Too Large"_ba;
    default: return "Service Unavailable"_ba;
    }
}

bool isMediaPath(const QByteArray &target)
{
    return target == "/media" || target.startsWith("/media/") || target.startsWith("/media?");
}

} // namespace

Head readHead(const QByteArray &bytes)
{
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return bytes.size() >= kMaxHeadBytes ? Head{Head::Kind::Refuse, 431} : Head{};
    const QList<QByteArray> lines = bytes.first(end).split('\n');
    const QList<QByteArray> request = lines.front().trimmed().split(' ');
    if (request.size() != 3 || !request[2].startsWith("HTTP/1."))
        return {Head::Kind::Refuse, 400};
    if (!isMediaPath(request[1]))
        return {Head::Kind::Refuse, 404};
    if (request[0] != "GET")
        return {Head::Kind::Refuse, 405};
    for (const QByteArray &line : lines.sliced(1)) {
        const qsizetype colon = line.indexOf(':');
        // Header names come in any case.
        if (colon > 0 && line.first(colon).trimmed().toLower() == "upgrade")
            return line.sliced(colon + 1).trimmed().toLower() == "websocket" ? Head{Head::Kind::Media, 0}
                                                                             : Head{Head::Kind::Refuse, 426};
    }
    return {Head::Kind::Refuse, 426};
}

FrontDoor::FrontDoor(Handover handover, QObject *parent)
    : QObject(parent)
    , m_handover(std::move(handover))
{
    m_server.setMaxPendingConnections(kBacklog);
    m_server.setListenBacklogSize(kBacklog);
    connect(&m_server, &QTcpServer::newConnection, this, &FrontDoor::onConnection);
    // Out of descriptors, say: Qt then stops accepting until told otherwise.
    connect(&m_server, &QTcpServer::acceptError, this, [this] {
        telemetry::count(Counter::FrontDoorRejected);
        qCCritical(lcGateway).noquote() << "can't accept connections:" << m_server.errorString();
        QTimer::singleShot(kAcceptAgainMs, &m_server, [this] { m_server.resumeAccepting(); });
    });
}

QString FrontDoor::listen(const QHostAddress &address, quint16 port)
{
    if (m_server.listen(address, port))
        return {};
    return u"can't listen on %1:%2: %3"_s.arg(address.toString()).arg(port).arg(m_server.errorString());
}

void FrontDoor::onConnection()
{
    while (QTcpSocket *socket = m_server.nextPendingConnection()) {
        ++m_waiting;
        // All of it a child of the socket: whatever becomes of the connection, nothing is left behind.
        auto *timeout = new QTimer(socket);
        timeout->setSingleShot(true);
        connect(timeout, &QTimer::timeout, this, [this, socket] { refuse(socket, 408); });
        timeout->start(kHeadTimeoutMs);
        connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
            --m_waiting;
            socket->disconnect(this);
            socket->deleteLater();
        });
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onReadable(socket); });
        if (m_waiting > kMaxWaiting)
            refuse(socket, 503);
        else if (socket->bytesAvailable() > 0)
            onReadable(socket);
    }
}

void FrontDoor::onReadable(QTcpSocket *socket)
{
    const Head head = readHead(socket->peek(kMaxHeadBytes));
    if (head.kind == Head::Kind::Incomplete)
        return;
    if (head.kind == Head::Kind::Refuse) {
        refuse(socket, head.status);
        return;
    }
    // Not from within the socket's own signal: it must not change threads before that has returned.
    disconnect(socket, &QTcpSocket::readyRead, this, nullptr);
    QMetaObject::invokeMethod(
        socket, [this, socket] { handOver(socket); }, Qt::QueuedConnection);
}

void FrontDoor::handOver(QTcpSocket *socket)
{
    if (socket->state() != QAbstractSocket::ConnectedState)
        return; // gone meanwhile, and tidied up as such
    --m_waiting;
    socket->disconnect(this);
    delete socket->findChild<QTimer *>(QString(), Qt::FindDirectChildrenOnly);
    socket->setParent(nullptr);
    m_handover(socket);
}

void FrontDoor::refuse(QTcpSocket *socket, int status)
{
    telemetry::count(Counter::FrontDoorRejected);
    qCWarning(lcGateway).noquote() << "refused a connection from" << socket->peerAddress().toString() << "with"
                                   << status;
    disconnect(socket, &QTcpSocket::readyRead, this, nullptr);
    const QByteArray text = QByteArray::number(status) + ' ' + reason(status);
    socket->write("HTTP/1.1 " + text + "\r\nContent-Type: text/plain\r\nContent-Length: "
                  + QByteArray::number(text.size() + 1) + "\r\nConnection: close\r\n\r\n" + text + '\n');
    socket->disconnectFromHost();
}

} // namespace takt::frontdoor
