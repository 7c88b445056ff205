// SPDX-License-Identifier: GPL-3.0-or-later
// One live call looked at closely: what was said, and what happened. Plain values; any thread. The JSON names are part of
// the control protocol: append-only.
#pragma once

#include <QJsonObject>
#include <QList>
#include <QString>

namespace takt {

struct CallTurn {
    int position = 0; // order in the call
    QString speaker;  // caller, agent
    QString text;     // so far; of one that was interrupted what was heard
    bool interrupted = false;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static CallTurn fromJson(const QJsonObject &json);
};

struct CallEvent {
    int number = 0; // order in the call
    qint64 atMs = 0;
    QString what; // started, model_ready, agent_speaks, caller_speaks, barge_in, stall, tool, digits, model_lost; what
                  // operators ordered: say, say_failed, mute, transfer, transfer_failed
    QString
        detail; // agent_speaks: milliseconds of waiting; tool: its name; digits: how many; say: the sentence; mute: on,
                // off; transfer: the target; transfer_failed: why

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static CallEvent fromJson(const QJsonObject &json);
};

struct CallDetail {
    bool live = false; // false: there is no such call, or no more
    QList<CallTurn> turns;
    QList<CallEvent> events;
};

} // namespace takt
