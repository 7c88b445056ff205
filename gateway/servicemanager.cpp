// SPDX-License-Identifier: GPL-3.0-or-later
#include "servicemanager.h"

#include <QByteArray>

#include <chrono>
#include <limits>

#include <systemd/sd-daemon.h>

namespace takt::servicemanager {

namespace {

// Failure is the manager's loss: it will see what became of us in its own way.
void notify(const QByteArray &state)
{
    sd_notify(0, state.constData());
}

} // namespace

void notifyReady()
{
    notify("READY=1");
}

// With the time, so that a manager that waits for the end of the reload knows which one it was (CLOCK_MONOTONIC).
void notifyReloading()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    notify("RELOADING=1\nMONOTONIC_USEC="
           + QByteArray::number(qint64(std::chrono::duration_cast<std::chrono::microseconds>(now).count())));
}

void notifyStopping()
{
    notify("STOPPING=1");
}

// A line break would begin another assignment.
void notifyStatus(const QString &text)
{
    notify("STATUS=" + text.toUtf8().replace('\n', ' ').replace('\r', ' '));
}

int watchdogIntervalMs()
{
    uint64_t patienceUs = 0;
    if (sd_watchdog_enabled(0, &patienceUs) <= 0)
        return 0;
    return int(qBound<quint64>(1, patienceUs / 2000, std::numeric_limits<int>::max()));
}

void pingWatchdog()
{
    notify("WATCHDOG=1");
}

} // namespace takt::servicemanager
