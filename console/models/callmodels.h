// SPDX-License-Identifier: GPL-3.0-or-later
// One call looked at closely: what was said, and what happened, each a list. Live in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"
#include "shared/calldetail.h"

namespace takt::console {

class TurnsModel final : public TopicModel
{
    Q_OBJECT
public:
    static constexpr int kIsAgentRole = Qt::UserRole + 20;
    static constexpr int kInterruptedRole = Qt::UserRole + 21;

    using TopicModel::TopicModel;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;

    QList<CallTurn> m_turns;
};

class EventsModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column { At, What, Columns };

    using TopicModel::TopicModel;
    // Times are told from here; 0: by the clock on the wall.
    void setStart(qint64 startedAtMs);
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;

    QList<CallEvent> m_events;
    qint64 m_startedAtMs = 0;
};

} // namespace takt::console
