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

// A row is JSON, or a value of which news() and whole() make it.
template <typename Row>
struct Topic {
    QJsonObject head;
    QHash<QString, Row> rows;

    friend bool operator==(const Topic &, const Topic &) = default;
};
using TopicState = Topic<QJsonObject>;

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

// Those facts of `after` that `before` has not, or not so. null: that fact is gone.
[[nodiscard]] QJsonObject news(const QJsonObject &before, const QJsonObject &after);
[[nodiscard]] inline QJsonObject whole(const QJsonObject &row)
{
    return row;
}
// The update that makes `after` of `before`.
template <typename Row>
[[nodiscard]] TopicUpdate difference(const Topic<Row> &before, const Topic<Row> &after)
{
    TopicUpdate update;
    update.head = news(before.head, after.head);
    for (auto it = after.rows.cbegin(); it != after.rows.cend(); ++it) {
        const auto known = before.rows.constFind(it.key());
        if (known == before.rows.cend())
            update.rows.insert(it.key(), whole(*it));
        else if (QJsonObject changed = news(*known, *it); !changed.isEmpty())
            update.rows.insert(it.key(), changed);
    }
    for (auto it = before.rows.cbegin(); it != before.rows.cend(); ++it) {
        if (!after.rows.contains(it.key()))
            update.removed << it.key();
    }
    return update;
}
// The whole state, in pieces that stay far below the longest line.
[[nodiscard]] QList<TopicUpdate> snapshotOf(const TopicState &state);
// A fact that is null goes; the others take the place of what was known.
void merge(QJsonObject &facts, const QJsonObject &news);
void apply(TopicState &state, const TopicUpdate &update);

} // namespace takt
