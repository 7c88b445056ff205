// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway as a process: signals, and the service manager that started it. SIGTERM drains, a second one (or SIGINT)
// ends calls at once, SIGHUP reads the settings anew. Lives in the main thread.
#pragma once

#include "config/settings.h"
#include "daemon.h"

#include <QObject>
#include <QTimer>

#include <functional>

namespace takt {

class Service final : public QObject
{
    Q_OBJECT
public:
    using Loader = std::function<Result<config::Settings>()>;

    // The daemon runs already.
    Service(Daemon &daemon, Loader loader);

private:
    void listenToSignals();
    void onSignal(int number);
    void reload();
    void startWatchdog();

    Daemon &m_daemon;
    Loader m_loader;
    QTimer m_watchdog;
    bool m_terminated = false; // SIGTERM came once
};

} // namespace takt
