// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door: a local socket that only the gateway's own user may open; see shared/controlprotocol.h. Hostile
// bytes end their connection and nothing else. Lives in the main thread.
#pragma once

#include "shared/result.h"

#include <QHash>
#include <QJsonObject>
#include <QLocalServer>
#include <QObject>

#include <functional>

class QLocalSocket;

namespace takt::control {

class ControlServer final : public QObject
{
    Q_OBJECT
public:
    // Once, in the main thread, soon or later; harmless when the client has gone meanwhile.
    using Reply = std::function<void(const Result<QJsonObject> &)>;
    using Handler = std::function<void(const QJsonObject &parameters, const Reply &)>;

    // One handler a method.
    explicit ControlServer(QHash<QString, Handler> handlers, QObject *parent = nullptr);

    // Empty on success. Takes the place of a socket that nobody serves any more.
    [[nodiscard]] QString listen(const QString &path);

private:
    void onConnection();
    void onReadable(QLocalSocket *socket);
    void onLine(QLocalSocket *socket, const QByteArray &line);

    QLocalServer m_server;
    const QHash<QString, Handler> m_handlers;
};

} // namespace takt::control
