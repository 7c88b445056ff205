// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/topicmodel.h"

namespace takt::console {

void TopicModel::apply(const TopicUpdate &update)
{
    if (update.snapshot) {
        reset(update);
    } else {
        merge(m_head, update.head);
        remove(update.removed);
        change(update);
    }
    if (update.snapshot || !update.head.isEmpty())
        Q_EMIT headChanged();
}

void TopicModel::clear()
{
    TopicUpdate nothing;
    nothing.snapshot = true;
    apply(nothing);
}

int TopicModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

void TopicModel::reset(const TopicUpdate &update)
{
    beginResetModel();
    m_head = {};
    merge(m_head, update.head);
    m_rows.clear();
    m_indexes.clear();
    forgetAll();
    for (auto it = update.rows.begin(); it != update.rows.end(); ++it) {
        m_indexes.insert(it.key(), int(m_rows.size()));
        m_rows.append({it.key(), it->toObject()});
        decode(int(m_rows.size()) - 1, true);
    }
    endResetModel();
}

void TopicModel::change(const TopicUpdate &update)
{
    QList<Row> added;
    int first = int(m_rows.size());
    int last = -1;
    for (auto it = update.rows.begin(); it != update.rows.end(); ++it) {
        const int row = rowOf(it.key());
        if (row < 0) {
            added.append({it.key(), {}});
            merge(added.back().facts, it->toObject());
            continue;
        }
        merge(m_rows[row].facts, it->toObject());
        decode(row, false);
        first = std::min(first, row);
        last = std::max(last, row);
    }
    if (last >= 0) // one signal for all: views paint what they show of it
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    insert(added);
}

void TopicModel::insert(const QList<Row> &rows)
{
    if (rows.isEmpty())
        return;
    const int first = int(m_rows.size());
    beginInsertRows({}, first, first + int(rows.size()) - 1);
    for (const Row &row : rows) {
        m_indexes.insert(row.key, int(m_rows.size()));
        m_rows.append(row);
        decode(int(m_rows.size()) - 1, true);
    }
    endInsertRows();
}

void TopicModel::remove(const QStringList &keys)
{
    for (const QString &key : keys) {
        const int row = rowOf(key);
        if (row < 0)
            continue;
        beginRemoveRows({}, row, row);
        forget(row);
        m_indexes.remove(key);
        m_rows.removeAt(row);
        for (int i = row; i < m_rows.size(); ++i)
            m_indexes[m_rows[i].key] = i;
        endRemoveRows();
    }
}

TopicUpdate only(const TopicUpdate &update, const QString &prefix)
{
    TopicUpdate part = update;
    part.rows = {};
    part.removed.clear();
    for (auto it = update.rows.begin(); it != update.rows.end(); ++it) {
        if (it.key().startsWith(prefix))
            part.rows.insert(it.key(), it.value());
    }
    for (const QString &key : update.removed) {
        if (key.startsWith(prefix))
            part.removed << key;
    }
    return part;
}

} // namespace takt::console
