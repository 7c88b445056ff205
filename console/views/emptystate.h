// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in a view that has nothing to show: what would be here, and how to get it. Lies over the view and goes away
// by itself. GUI's thread.
#pragma once

#include <QWidget>

class QAbstractItemModel;
class QAbstractItemView;
class QLabel;

namespace takt::console {

class EmptyState final : public QWidget
{
    Q_OBJECT
public:
    EmptyState(QAbstractItemView *view, const QString &title, const QString &hint);
    void setTexts(const QString &title, const QString &hint);

private:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void look();

    QAbstractItemView *m_view;
    QLabel *m_title;
    QLabel *m_hint;
};

} // namespace takt::console
