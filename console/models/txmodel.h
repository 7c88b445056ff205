// SPDX-License-Identifier: GPL-3.0-or-later
// The beat over time, a point a row, and the TX workers. Lives in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

namespace takt::console {

struct TxPoint {
    QString span; // second, minute, quarter; worker, call
    qint64 atMs = 0;
    int seconds = 1;
    int worker = 0;
    qint64 served = 0; // slots
    qint64 frames = 0;
    qint64 p50Us = 0;
    qint64 p99Us = 0;
    qint64 p999Us = 0;
    qint64 maxUs = 0;
    qint64 stalls = 0;
    qint64 resyncs = 0;
    qint64 dropped = 0;
    qint64 socketFull = 0;
    // Of a worker's live calls, and of a call.
    qint64 underruns = 0;
    qint64 bursts = 0;
    qint64 leadMs = 0;
    QString number; // of a call: the caller's

    [[nodiscard]] static TxPoint fromJson(const QJsonObject &json);
    [[nodiscard]] double framesPerSecond() const { return double(frames) / std::max(1, seconds); }
};

class TxModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column { Name, P50, P99, P999, Max, Slots, Stalls, Underruns, Bursts, Full, Dropped, Lead, Columns };

    using TopicModel::TopicModel;

    // The oldest first.
    [[nodiscard]] QList<TxPoint> points(const QString &span) const;

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    [[nodiscard]] static QString tip(int column);
    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;

    QList<TxPoint> m_points;
};

} // namespace takt::console
