// SPDX-License-Identifier: GPL-3.0-or-later
// The work after calls, one job a row. Lives in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"
#include "shared/jobsnapshot.h"

namespace takt::console {

class JobsModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column { State, Stage, Call, Business, Attempt, Progress, Age, Next, Worker, Why, Columns };

    static constexpr int kStateRole = Qt::UserRole + 20; // the protocol's name
    static constexpr int kStageRole = Qt::UserRole + 21;

    using TopicModel::TopicModel;

    [[nodiscard]] const JobSnapshot &job(int row) const { return m_jobs[row]; }
    // By state, of the whole queue; finished ones of the last day.
    [[nodiscard]] int count(const QString &state) const;
    // Why no job starts here now; empty: they do.
    [[nodiscard]] QString closed() const;
    // "*" stands for all.
    [[nodiscard]] QStringList pausedStages() const;
    // Ages and waits go on.
    void onSecond(qint64 nowMs);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;
    [[nodiscard]] QString text(const JobSnapshot &job, int column) const;
    [[nodiscard]] QVariant sortKey(const JobSnapshot &job, int column) const;

    QList<JobSnapshot> m_jobs;
    qint64 m_nowMs = 0;
};

// What the colour of a job's state says.
[[nodiscard]] Tone toneOfJob(const QString &state);

} // namespace takt::console
