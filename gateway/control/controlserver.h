// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door: a local socket that only the gateway's own user may open; see shared/controlprotocol.h. Hostile
// bytes end their connection and nothing else. Lives in the main thread.
#pragma once

#include "shared/gatewaysnapshot.h"

#include <QLocalServer>
#include <QObject>

#include <functional>

class QLocalSocket;

namespace takt::control {

class ControlServer final : public QObject
{
    Q_OBJECT
public:
    // Delivers a snapshot to the callback, in the main thread, soon.
    using SnapshotSource = std::function<void(std::function<void(const GatewaySnapshot &)>)>;

    explicit ControlServer(SnapshotSource source, QObject *parent = nullptr);

    // Empty on success. Takes the place of a socket that nobody serves any more.
    [[nodiscard]] QString listen(const QString &path);

private:
    void onConnection();
    void onReadable(QLocalSocket *socket);
    void onLine(QLocalSocket *socket, const QByteArray &line);

    QLocalServer m_server;
    SnapshotSource m_source;
};

} // namespace takt::control
