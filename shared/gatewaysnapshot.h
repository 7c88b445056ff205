// SPDX-License-Identifier: GPL-3.0-or-later
// The whole gateway at one moment. Plain values; any thread. JSON names are part of the control protocol: append-only.
#pragma once

#include "shared/callsnapshot.h"

namespace takt {

struct GatewaySnapshot {
    QString version;
    qint64 startedAtMs = 0;
    QString realTime;       // what the kernel granted to the media threads
    qint64 worstLateUs = 0; // of any frame since the start
    bool draining = false;
    int slotsHeld = 0;        // places that calls hold: live, about to come, or being rung
    QString role;             // all, media, worker
    QString dataDir;          // where it keeps the files of calls
    QStringList notReady;     // why no new call is taken now; empty: they are
    qint64 drainEndsAtMs = 0; // calls that go on then are ended; 0: no such time
    QList<CallSnapshot> calls;
    QJsonObject counters; // name -> count since the start

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static GatewaySnapshot fromJson(const QJsonObject &json);
};

} // namespace takt
