// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/controlserver.h"

#include "shared/controlprotocol.h"
#include "telemetry/log.h"

#include <QJsonDocument>
#include <QLocalSocket>
#include <QPointer>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

void send(QLocalSocket *socket, const QJsonObject &message)
{
    socket->write(QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}

} // namespace

ControlServer::ControlServer(QHash<QString, Handler> handlers, QObject *parent)
    : QObject(parent)
    , m_handlers(std::move(handlers))
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &ControlServer::onConnection);
}

QString ControlServer::listen(const QString &path)
{
    QLocalSocket other;
    other.connectToServer(path);
    if (other.waitForConnected(200))
        return u"another gateway serves the control socket %1"_s.arg(path);
    QLocalServer::removeServer(path); // left behind by one that was killed
    if (m_server.listen(path))
        return {};
    return u"can't open the control socket %1: %2"_s.arg(path, m_server.errorString());
}

void ControlServer::onConnection()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] { onReadable(socket); });
        send(socket,
             {{"type"_L1, "hello"_L1}, {"protocol"_L1, kProtocol}, {"gateway"_L1, QString::fromLatin1(TAKT_VERSION)}});
    }
}

void ControlServer::onReadable(QLocalSocket *socket)
{
    while (socket->canReadLine())
        onLine(socket, socket->readLine(kMaxLineBytes));
    if (socket->bytesAvailable() >= kMaxLineBytes) {
        qCWarning(lcGateway) << "a control client sent a line over" << kMaxLineBytes << "bytes";
        socket->abort();
    }
}

void ControlServer::onLine(QLocalSocket *socket, const QByteArray &line)
{
    if (socket->bytesToWrite() > 16 * kMaxLineBytes) { // asks and never reads
        socket->abort();
        return;
    }
    const QJsonDocument request = QJsonDocument::fromJson(line);
    if (!request.isObject()) {
        qCWarning(lcGateway) << "a control client sent something that is not a JSON object";
        socket->abort();
        return;
    }
    const QJsonValue id = request["id"_L1];
    const QString method = request["method"_L1].toString();
    const auto handler = m_handlers.constFind(method);
    if (handler == m_handlers.constEnd()) {
        send(socket, {{"id"_L1, id}, {"error"_L1, u"unknown method \"%1\""_s.arg(method.left(100))}});
        return;
    }
    (*handler)(request["params"_L1].toObject(), [id, client = QPointer(socket)](const Result<QJsonObject> &result) {
        if (client == nullptr)
            return;
        if (result)
            send(client, {{"id"_L1, id}, {"result"_L1, *result}});
        else
            send(client, {{"id"_L1, id}, {"error"_L1, result.error()}});
    });
}

} // namespace takt::control
