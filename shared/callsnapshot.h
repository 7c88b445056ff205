// SPDX-License-Identifier: GPL-3.0-or-later
// A live call and the gateway at one moment, as shown to an operator. Plain values; any thread. The JSON names are part of
// the control protocol: append-only.
#pragma once

#include "shared/callfacts.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace takt {

struct CallSnapshot {
    QString callSid;
    QString streamSid;
    QString business;  // empty: the only one, which has no name
    QString direction; // inbound, outbound
    QString from;
    QString to;
    QString state; // connected, gate, greeting, talking, interrupted, draining, ended
    qint64 startedAtMs = 0;
    qint64 backlogMs = 0;
    int txWorker = 0; // whose thread sends its audio
    TxFacts tx;
    qint64 interruptions = 0;
    qint64 modelLatencyMs = -1; // of its last answer, from the end of the caller's words; -1: there was none
    bool muted = false;         // by an operator: the caller hears nothing of the agent
    QString speaking;           // caller, agent; empty: neither
    QString lastSpeaker;        // caller, agent; empty when nobody has spoken yet
    QString lastText;
    Usage usage;              // so far
    std::optional<Cost> cost; // of it

    [[nodiscard]] QJsonObject toJson() const;
    // Of toJson() what was not so in `before`.
    [[nodiscard]] QJsonObject newsSince(const CallSnapshot &before) const;
    [[nodiscard]] static CallSnapshot fromJson(const QJsonObject &json);
};

} // namespace takt
