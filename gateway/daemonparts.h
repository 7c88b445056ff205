// SPDX-License-Identifier: GPL-3.0-or-later
// What the daemon is made of. Only for daemon*.cpp; main thread.
#pragma once

#include "admin/adminserver.h"
#include "beatwatch.h"
#include "carrier/rest.h"
#include "control/controlserver.h"
#include "daemon.h"
#include "engine.h"
#include "flight/recorder.h"
#include "frontdoor/frontdoor.h"
#include "jobs/jobengine.h"
#include "records/recorder.h"
#include "txhistory.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QTimer>

namespace takt {

struct Daemon::Parts {
    explicit Parts(const config::Settings &settings)
        : admission(settings.admission)
    {
    }
    // In the order of construction; destroyed the other way round. Without calls (--role worker) those of the calls are null.
    std::unique_ptr<jobs::JobEngine> jobs;
    std::unique_ptr<records::Recorder> recorder;
    std::unique_ptr<flight::Recorder> flights;
    frontdoor::Admission admission;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<carrier::RestClient> rest; // null without credentials
    std::unique_ptr<frontdoor::FrontDoor> frontDoor;
    std::unique_ptr<control::ControlServer> control;
    std::unique_ptr<admin::AdminServer> admin;
    BeatWatch second;  // for the admission
    BeatWatch quarter; // for the gate
    TxHistory txHistory;
    QTimer seconds;
    QTimer quarters;
    QTimer drained;         // while draining: looks whether the last call is over
    QTimer deadline;        // of the drain
    QElapsedTimer sinceEnd; // of the last call after which the carrier asks what comes next
    int liveCalls = 0;
    bool terminating = false;
    bool ending = false;
    qint64 startedAtMs = QDateTime::currentMSecsSinceEpoch();
};

} // namespace takt
