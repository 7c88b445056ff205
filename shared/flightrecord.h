// SPDX-License-Identifier: GPL-3.0-or-later
// A flight record as those see it who read it, and a line of the list of them. FLIGHT.md describes the file. Plain values;
// any thread. The JSON names are part of the control protocol: append-only.
#pragma once

#include "shared/flightfacts.h"
#include "shared/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace takt {

// A stall, an order, or a crash.
struct FlightEntry {
    QString name; // of the record; empty: none was kept
    qint64 atMs = 0;
    QString callSid;
    QString reason;        // see FlightReason
    QString cause;         // of a stall, see StallCause
    qint64 durationMs = 0; // of a stall

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static FlightEntry fromJson(const QJsonObject &json);
};

struct FlightRecord {
    struct Event {
        qint64 atUs = 0; // since the call's start
        QString what;    // see FlightWords
        QJsonObject facts;

        [[nodiscard]] qint64 figure(QLatin1StringView name) const { return facts[name].toInteger(); }
    };

    FlightEntry about;
    QJsonObject head;   // all of it
    qint64 fromUs = 0;  // since then nothing is missing
    qint64 untilUs = 0; // when it was written
    QList<Event> events;

    // One object a line, as it lies on the disk. A last line that was cut is left out.
    [[nodiscard]] static Result<FlightRecord> fromNdjson(const QByteArray &lines);
};

} // namespace takt
