// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door: a local socket that only the gateway's own user may open; see CONTROL.md. Lives in the main thread.
#pragma once

#include "control/connection.h"

#include <QLocalServer>

namespace takt::control {

class ControlServer final : public QObject
{
    Q_OBJECT
public:
    static constexpr int kMostClients = 64;

    explicit ControlServer(Methods methods, QHash<QString, Publisher::Kind> topics = {}, QObject *parent = nullptr);
    ~ControlServer() override;

    // Empty on success. Takes the place of a socket that nobody serves any more.
    [[nodiscard]] QString listen(const QString &path);

private:
    void onConnection();

    const Methods m_methods;
    Publisher m_publisher;
    QLocalServer m_server;
    QObject m_clients; // their parent: they go before what they refer to
};

} // namespace takt::control
