// SPDX-License-Identifier: GPL-3.0-or-later
// What a service manager that started us (systemd, Type=notify) wants to hear. Without one, all of it does nothing. For
// the main thread.
// Source: sd_notify(3), sd_watchdog_enabled(3).
#pragma once

#include <QString>

namespace takt::servicemanager {

// Calls are taken; also the end of what notifyReloading() began.
void notifyReady();
void notifyReloading();
void notifyStopping();
// One line for people, in `systemctl status`.
void notifyStatus(const QString &text);

// How often pingWatchdog() is due: half of the time after which the manager takes us for hung. 0: nobody watches.
[[nodiscard]] int watchdogIntervalMs();
void pingWatchdog();

} // namespace takt::servicemanager
