// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/topic.h"

#include <QJsonArray>

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kRowsInAPiece = 100; // about a kilobyte each

} // namespace

QJsonObject news(const QJsonObject &before, const QJsonObject &after)
{
    if (before == after) // at once where both are the same data
        return {};
    QJsonObject changed;
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (before.value(it.key()) != it.value()) // an unknown key is Undefined, which equals no value
            changed.insert(it.key(), it.value());
    }
    for (auto it = before.begin(); it != before.end(); ++it) {
        if (!after.contains(it.key()))
            changed.insert(it.key(), QJsonValue());
    }
    return changed;
}

QJsonObject TopicUpdate::toJson(const QString &topic) const
{
    QJsonObject json{{"type"_L1, snapshot ? "snapshot"_L1 : "delta"_L1}, {"topic"_L1, topic}};
    if (!head.isEmpty())
        json.insert("head"_L1, head);
    if (!rows.isEmpty() || snapshot)
        json.insert("rows"_L1, rows);
    if (!removed.isEmpty())
        json.insert("removed"_L1, QJsonArray::fromStringList(removed));
    if (more)
        json.insert("more"_L1, true);
    return json;
}

TopicUpdate TopicUpdate::fromJson(const QJsonObject &json)
{
    TopicUpdate update;
    update.snapshot = json["type"_L1].toString() == "snapshot"_L1;
    update.more = json["more"_L1].toBool();
    update.head = json["head"_L1].toObject();
    update.rows = json["rows"_L1].toObject();
    const QJsonArray removed = json["removed"_L1].toArray();
    for (const QJsonValue &key : removed)
        update.removed << key.toString();
    return update;
}

QList<TopicUpdate> snapshotOf(const TopicState &state)
{
    QList<TopicUpdate> pieces(1);
    pieces.back().snapshot = true;
    pieces.back().head = state.head;
    for (auto it = state.rows.cbegin(); it != state.rows.cend(); ++it) {
        if (pieces.back().rows.size() >= kRowsInAPiece) {
            pieces.back().more = true;
            pieces.append(TopicUpdate());
        }
        pieces.back().rows.insert(it.key(), it.value());
    }
    return pieces;
}

void merge(QJsonObject &facts, const QJsonObject &news)
{
    for (auto it = news.begin(); it != news.end(); ++it) {
        if (it->isNull())
            facts.remove(it.key());
        else
            facts.insert(it.key(), it.value());
    }
}

void apply(TopicState &state, const TopicUpdate &update)
{
    if (update.snapshot)
        state = {};
    merge(state.head, update.head);
    for (auto it = update.rows.begin(); it != update.rows.end(); ++it)
        merge(state.rows[it.key()], it->toObject());
    for (const QString &key : update.removed)
        state.rows.remove(key);
}

} // namespace takt
