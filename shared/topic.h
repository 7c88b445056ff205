// SPDX-License-Identifier: GPL-3.0-or-later
// What clients of the control protocol may subscribe to: a topic is a head of single facts and rows by key. The gateway
// sends a snapshot once, then only what has changed; whoever applies all of it in order has the gateway's picture. See
// CONTROL.md. Plain values; any thread.
#pragma once

#include <QHash>
#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

namespace takt {

struct TopicState {
    QJsonObject head;
    QHash<QString, QJsonObject> rows;

    friend bool operator==(const TopicState &, const TopicState &) = default;
};

// One message about a topic.
struct TopicUpdate {
    bool snapshot = false; // forget what you know of it
    bool more = false;     // of a snapshot: it goes on in the updates that follow
    QJsonObject head;      // what is new of the head; null: that fact is gone
    QJsonObject rows;      // key -> what is new of the row, or all of a new one
    QStringList removed;   // keys

    [[nodiscard]] bool isEmpty() const { return !snapshot && head.isEmpty() && rows.isEmpty() && removed.isEmpty(); }
    [[nodiscard]] QJsonObject toJson(const QString &topic) const;
    [[nodiscard]] static TopicUpdate fromJson(const QJsonObject &json);
};

// The update that makes `after` of `before`.
[[nodiscard]] TopicUpdate difference(const TopicState &before, const TopicState &after);
// The whole state, in pieces that stay far below the longest line.
[[nodiscard]] QList<TopicUpdate> snapshotOf(const TopicState &state);
// A fact that is null goes; the others take the place of what was known.
void merge(QJsonObject &facts, const QJsonObject &news);
void apply(TopicState &state, const TopicUpdate &update);

} // namespace takt
