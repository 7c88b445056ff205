// SPDX-License-Identifier: GPL-3.0-or-later
// Past calls, the latest first, asked for page by page as the operator scrolls. Lives in the GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "shared/callrecord.h"

#include <QAbstractTableModel>

namespace takt::console {

class HistoryModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Began, Caller, Direction, Business, Duration, End, Interruptions, WorstLate, Costs, Columns };
    static constexpr int kPage = 100;

    explicit HistoryModel(GatewayClient &client, QObject *parent = nullptr);

    // Begins anew. Empty: all calls.
    void search(const QString &text);
    [[nodiscard]] bool complete() const { return m_complete; }
    // Of the last question; empty: it was answered.
    [[nodiscard]] const QString &problem() const { return m_problem; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    void answered();

private:
    void add(const QJsonObject &answer);
    [[nodiscard]] QString text(const CallRecord &call, int column) const;

    GatewayClient &m_client;
    QList<CallRecord> m_calls;
    QString m_text;
    QString m_problem;
    int m_question = 0; // answers to older ones are nobody's
    bool m_asking = false;
    bool m_complete = true; // until somebody searches
};

} // namespace takt::console
