// SPDX-License-Identifier: GPL-3.0-or-later
// The composition root: what exists, in which thread, and in which order it starts and stops. Lives in the main thread.
#pragma once

#include "config/settings.h"
#include "shared/gatewaysnapshot.h"

#include <QObject>

#include <functional>
#include <memory>

class QTcpSocket;

namespace takt {

class Daemon final : public QObject
{
    Q_OBJECT
public:
    explicit Daemon(config::Settings settings);
    ~Daemon() override;

    // Empty on success; else why the gateway can't run.
    [[nodiscard]] QString start();
    // Ends all calls, writes their records, stops all threads. Once.
    void stop();

    [[nodiscard]] quint16 port() const;

private:
    struct TxThread;
    struct CallThread;

    void startThreads();
    void connectRooms(TxThread &tx);
    void handOver(QTcpSocket *socket);
    void takeSnapshot(std::function<void(const GatewaySnapshot &)> deliver);

    const config::Settings m_settings;
    struct Parts;
    std::unique_ptr<Parts> d;
};

} // namespace takt
