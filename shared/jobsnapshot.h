// SPDX-License-Identifier: GPL-3.0-or-later
// A job of the deferred work, as shown to an operator. Plain values; any thread. The JSON names are part of the control
// protocol: append-only. Times: milliseconds since the Unix epoch, UTC; 0: not yet.
#pragma once

#include "shared/jobfacts.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace takt {

struct JobSnapshot {
    qint64 id = 0;
    QString callSid;
    QString business;
    QString stage; // recording.download ...
    QString state; // pending, available, scheduled, retryable, running, completed, skipped, failed, cancelled
    QString
        waiting; // why it does not run: "call active", "waits for transcribe", "TX degraded", "quiet mode", "paused"...
    QString reason; // why it was skipped, snoozed, retried or failed
    int attempt = 0;
    int maxAttempts = 0;
    int snoozes = 0;
    int rescues = 0;
    int interruptions = 0;
    double progress = 0; // 0 to 1
    QString progressText;
    QString worker; // that runs it
    qint64 runAtMs = 0;
    qint64 createdAtMs = 0;
    qint64 claimedAtMs = 0;
    qint64 finishedAtMs = 0;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static JobSnapshot fromJson(const QJsonObject &json);
};

struct AttemptSnapshot {
    QString worker;
    QString outcome; // empty: under way
    QString error;
    qint64 startedAtMs = 0;
    qint64 endedAtMs = 0;
    int exitCode = 0; // of a child process; negative: the signal that ended it
    qint64 cpuMs = -1;
    qint64 maxRssKb = -1;
    QString logTail;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static AttemptSnapshot fromJson(const QJsonObject &json);
};

} // namespace takt
