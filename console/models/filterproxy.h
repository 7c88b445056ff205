// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that contain every word that the operator has typed, and, where asked for, those of some values of a role. Lives in
// the GUI's thread.
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace takt::console {

class FilterProxy final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit FilterProxy(QObject *parent = nullptr);

    void setText(const QString &text);
    // Empty: any.
    void setWanted(int role, const QStringList &values);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    QStringList m_words;
    QHash<int, QStringList> m_wanted;
};

// All of the model's rows, in the order of its first column. The parent's.
[[nodiscard]] FilterProxy *inOrder(QAbstractItemModel *model, QObject *parent);

} // namespace takt::console
