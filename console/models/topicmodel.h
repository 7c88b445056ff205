// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a topic as rows of a model, in the order of their coming: applies the gateway's updates, and tells views no more
// than what has changed. What the columns are is up to those derived. Lives in the GUI's thread.
#pragma once

#include "shared/topic.h"

#include <QAbstractTableModel>

namespace takt::console {

// How something is meant: colour is for this alone.
enum class Tone { Plain, Muted, Accent, Good, Warning, Bad };

class TopicModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;

    // What sorts a column (a number, or a text), and what is searched when an operator types.
    static constexpr int kSortRole = Qt::UserRole + 1;
    static constexpr int kSearchRole = Qt::UserRole + 2;
    static constexpr int kKeyRole = Qt::UserRole + 3;
    static constexpr int kToneRole = Qt::UserRole + 4;     // int of a Tone: of the text
    static constexpr int kDotRole = Qt::UserRole + 5;      // int of a Tone: a dot before the text
    static constexpr int kProgressRole = Qt::UserRole + 6; // 0 to 1: a bar behind the text

    void apply(const TopicUpdate &update);
    void clear();

    [[nodiscard]] const QJsonObject &head() const { return m_head; }
    [[nodiscard]] const QString &key(int row) const { return m_rows[row].key; }
    [[nodiscard]] const QJsonObject &facts(int row) const { return m_rows[row].facts; }
    [[nodiscard]] int rowOf(const QString &key) const { return m_indexes.value(key, -1); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;

Q_SIGNALS:
    void headChanged();

protected:
    // Of a typed picture beside the facts: `row` is new or has changed; is about to go; all go.
    virtual void decode(int row, bool isNew) = 0;
    virtual void forget(int row) = 0;
    virtual void forgetAll() = 0;

private:
    struct Row {
        QString key;
        QJsonObject facts;
    };

    void reset(const TopicUpdate &update);
    void change(const TopicUpdate &update);
    void insert(const QList<Row> &rows);
    void remove(const QStringList &keys);

    QJsonObject m_head;
    QList<Row> m_rows;
    QHash<QString, int> m_indexes;
};

// The part of an update that is about rows whose keys begin so.
[[nodiscard]] TopicUpdate only(const TopicUpdate &update, const QString &prefix);

} // namespace takt::console
