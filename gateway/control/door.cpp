// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/door.h"

#include "telemetry/log.h"

#include <QFile>

#include <sys/stat.h>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

Door::Door(Methods methods, QHash<QString, Publisher::Kind> topics)
    : m_methods(std::move(methods))
    , m_publisher(std::move(topics), this)
    , m_server(this)
    , m_clients(this)
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &Door::onConnection);
}

Door::~Door() = default;

QString Door::listen(const QString &path)
{
    // What a mistyped setting names is no rubbish of ours: a database, perhaps.
    struct stat found;
    if (lstat(QFile::encodeName(path).constData(), &found) == 0 && !S_ISSOCK(found.st_mode))
        return u"control_socket: %1 is there already, and is no socket"_s.arg(path);
    QLocalSocket other;
    other.connectToServer(path);
    if (other.waitForConnected(200))
        return u"another gateway serves the control socket %1"_s.arg(path);
    QLocalServer::removeServer(path); // left behind by one that was killed
    if (m_server.listen(path))
        return {};
    return u"can't open the control socket %1: %2"_s.arg(path, m_server.errorString());
}

void Door::onConnection()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        if (m_clients.children().size() >= kMostClients) {
            qCWarning(telemetry::lcGateway) << "too many control clients; one more was turned away";
            delete socket;
            continue;
        }
        new Connection(socket, m_methods, m_publisher, &m_clients);
    }
}

} // namespace takt::control
