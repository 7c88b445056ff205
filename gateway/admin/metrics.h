// SPDX-License-Identifier: GPL-3.0-or-later
// The state of the gateway in Prometheus' words. Any thread.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4).
#pragma once

#include "media/latenesshistogram.h"

#include <QByteArray>
#include <QList>
#include <QPair>
#include <QString>

#include <vector>

namespace takt::admin {

// What the gateway has to be asked for; counters and the figures of the process are read on the spot.
struct Metrics {
    QString version;
    qint64 startedAtMs = 0; // since the epoch
    int callsLive = 0;
    int slotsHeld = 0;
    int tokensWaiting = 0;
    bool draining = false;
    bool refusingLate = false;
    int modelSessions = 0;
    QList<QPair<QString, int>> callsByState; // states that are named twice are added
    QList<QPair<QString, int>> jobsByState;  // of the deferred work; finished ones: of the last day
    qint64 jobsOldestOpenMs = 0;             // since when the oldest job waits for a free worker; 0: none
    int jobsRunning = 0;                     // in this process
    bool jobsGateClosed = false;
    std::vector<media::LatenessHistogram::Snapshot> workers; // by the TX worker's number
};

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

[[nodiscard]] QByteArray prometheusText(const Metrics &metrics);

} // namespace takt::admin
