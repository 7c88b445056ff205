// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on record of one call, for those who work on it after its end. Lives in the thread of the connection.
#pragma once

#include "shared/callfacts.h"
#include "shared/jobfacts.h"
#include "shared/result.h"

#include <QHash>
#include <QJsonObject>
#include <QList>

namespace takt::store {

class Database;

struct Turn {
    QString speaker; // caller, agent
    QString text;
    bool interrupted = false;
    qint64 atMs = 0;
};

struct Recording {
    QString sid;
    QString url;    // without extension
    QString status; // in-progress, absent, completed
    int durationSeconds = -1;
    int channels = -1;
    qint64 startedAtMs = 0; // 0: not said
};

struct StageOutcome {
    Stage stage = Stage::Download;
    JobState state = JobState::Pending;
    QString reason;
};

struct Dossier {
    QString callSid;
    QString business;
    QString direction; // inbound, outbound; empty: not said
    QString from;
    QString to;
    bool streamed = false; // an agent was on it
    qint64 startedAtMs = 0;
    qint64 endedAtMs = 0; // 0: still active
    QString endReason;
    QString endDetail;
    QString carrierStatus;
    QString answeredBy;
    int durationSeconds = -1; // the carrier's
    QString streamError;
    Usage usage;
    std::optional<Cost> cost;
    QList<Turn> turns; // the live transcript, in order
    QList<Recording> recordings;
    QHash<QString, QString> artifacts; // kind -> path, relative to the data directory
    QHash<Stage, QJsonObject> results; // of the stages that have one
    QList<StageOutcome> stages;        // in the pipeline's order; empty: no jobs yet
};

// An error too when there is no such call.
[[nodiscard]] Result<Dossier> readDossier(Database &database, const QString &callSid);

} // namespace takt::store
