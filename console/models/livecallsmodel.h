// SPDX-License-Identifier: GPL-3.0-or-later
// The live calls, one a row. Lives in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"
#include "shared/callsnapshot.h"

#include <QTimer>

#include <deque>

namespace takt::console {

class LiveCallsModel final : public TopicModel
{
    Q_OBJECT
public:
    enum Column {
        State,
        Direction,
        Caller,
        Business,
        Duration,
        Speaking,
        Backlog,
        WorstLate,
        Interruptions,
        Latency,
        CostSoFar,
        Columns
    };
    static constexpr std::size_t kSamples = 90;
    // A second of a call.
    struct Sample {
        double frames = 0; // sent in it
        double backlogMs = 0;
    };

    explicit LiveCallsModel(QObject *parent = nullptr);

    // For people.
    [[nodiscard]] static QString stateOf(const CallSnapshot &call);
    [[nodiscard]] const CallSnapshot &call(int row) const { return m_calls[row].snapshot; }
    [[nodiscard]] const std::deque<Sample> &samples(int row) const { return m_calls[row].samples; }

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

    // Once a second; called by a timer of its own.
    void onSecond(qint64 nowMs);

private:
    struct Call {
        CallSnapshot snapshot;
        qint64 framesBefore = -1;
        std::deque<Sample> samples;
    };

    void decode(int row, bool isNew) override;
    void forget(int row) override;
    void forgetAll() override;
    [[nodiscard]] QString text(const CallSnapshot &call, int column) const;
    [[nodiscard]] QVariant sortKey(const CallSnapshot &call, int column) const;
    [[nodiscard]] Tone tone(const CallSnapshot &call, int column) const;
    [[nodiscard]] QVariant hint(int column, int role) const;

    QList<Call> m_calls;
    qint64 m_nowMs = 0;
    QTimer m_seconds;
};

} // namespace takt::console
