// SPDX-License-Identifier: GPL-3.0-or-later
// A table as all pages have it: rows, no grid, sorted by its header, columns chosen by its header's menu, and a selection
// that stays with its row's key when the rows come anew. GUI's thread.
#pragma once

#include <QSortFilterProxyModel>
#include <QTableView>

namespace takt::console {

class Table final : public QTableView
{
    Q_OBJECT
public:
    // `name`: under which its layout is remembered.
    Table(const QString &name, QSortFilterProxyModel *model, QWidget *parent);

    // Of the current row; empty: none.
    [[nodiscard]] QString currentKey() const;
    [[nodiscard]] QStringList selectedKeys() const;
    void select(const QString &key);
    // As wide as these texts (of several lines: the widest) and the titles. Before restoring.
    void setWidths(const QStringList &samples);
    // What people wrote, of any length: these columns may be cut (a tip tells all of it), and the first of them takes the
    // room that is left. Any other is wide enough. Before restoring.
    void setFreeText(const QList<int> &columns);
    [[nodiscard]] bool mayBeCut(int column) const { return m_free.contains(column); }
    void rememberLayout() const;
    void restoreLayout();

Q_SIGNALS:
    // Also when its row has gone.
    void currentKeyChanged(const QString &key);

protected:
    // Whose row goes is not followed by its neighbour: an order meant for one call must not reach another.
    void rowsAboutToBeRemoved(const QModelIndex &parent, int start, int end) override;

private:
    void showColumnsMenu(const QPoint &at);
    void onCurrentChanged(const QModelIndex &current);
    void selectAgain();

    QString m_key;
    QList<int> m_free;
};

} // namespace takt::console
