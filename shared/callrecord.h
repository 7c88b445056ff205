// SPDX-License-Identifier: GPL-3.0-or-later
// A call on record, live or past, as a line of a list. Plain values; any thread. The JSON names are part of the control
// protocol: append-only.
#pragma once

#include "shared/usage.h"

#include <QJsonObject>
#include <QString>

namespace takt {

struct CallRecord {
    QString callSid;
    QString business;
    QString direction; // inbound, outbound; empty: not said
    QString from;
    QString to;
    qint64 startedAtMs = 0;
    qint64 endedAtMs = 0; // 0: still active
    QString endReason;
    qint64 interruptions = 0;
    qint64 worstLateUs = 0;
    int durationSeconds = -1; // the carrier's; -1: not said
    qint64 tokens = 0;        // of the models, see shared/usage.h
    std::optional<Cost> cost;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static CallRecord fromJson(const QJsonObject &json);
};

} // namespace takt
