// SPDX-License-Identifier: GPL-3.0-or-later
// Stalls, and the flight records that the gateway keeps of them, of crashes and of what was asked for. Lives in the GUI's
// thread.
#pragma once

#include "console/models/topicmodel.h"
#include "shared/flightrecord.h"

namespace takt::console {

class FlightsModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column { At, Call, Why, Duration, Record, Columns };

    using TopicModel::TopicModel;

    [[nodiscard]] const FlightEntry &entry(int row) const { return m_entries[row]; }

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;

    QList<FlightEntry> m_entries;
};

} // namespace takt::console
