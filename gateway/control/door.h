// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door from within: the socket, its clients and what they subscribed to. In the control thread: made
// elsewhere, moved there before anything happens, and removed there.
#pragma once

#include "control/connection.h"

#include <QLocalServer>

namespace takt::control {

class Door final : public QObject
{
    Q_OBJECT
public:
    static constexpr int kMostClients = 64;

    // Handlers and sources are called in the control thread, and answer there.
    Door(Methods methods, QHash<QString, Publisher::Kind> topics);
    ~Door() override;

    // Empty on success. Takes the place of a socket that nobody serves any more.
    [[nodiscard]] QString listen(const QString &path);

private:
    void onConnection();

    const Methods m_methods;
    Publisher m_publisher; // all of these are children, and so change threads with us
    QLocalServer m_server;
    QObject m_clients; // their parent: they go before what they refer to
};

} // namespace takt::control
