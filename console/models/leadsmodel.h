// SPDX-License-Identifier: GPL-3.0-or-later
// The people who called, or were called, the latest first. Lives in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

namespace takt::console {

class LeadsModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column { Name, Phone, Business, Status, City, Service, Calls, Latest, Columns };

    using TopicModel::TopicModel;

    // The gateway's answer to "leads".
    void take(const QJsonObject &answer);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    // The facts say it all.
    void decode(int, bool) override {}
    void forget(int) override {}
    void forgetAll() override {}

    TopicState m_known;
};

} // namespace takt::console
