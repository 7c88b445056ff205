// SPDX-License-Identifier: GPL-3.0-or-later
// What is written when the process crashes: the flight record of each live call, before the signal takes its course (a core,
// the service manager's restart). Set up and taken down in the main thread, one at a time; the handler runs in whichever
// thread has crashed first, and does nothing there but open, write and close; threads that crash meanwhile wait.
#pragma once

#include "flight/reader.h"

#include <QString>

namespace takt::flight {

class CrashGuard
{
public:
    // `folder` exists.
    CrashGuard(const QString &folder, const Setup &setup);
    // The handlers from before are back.
    ~CrashGuard();
    Q_DISABLE_COPY_MOVE(CrashGuard)
};

} // namespace takt::flight
