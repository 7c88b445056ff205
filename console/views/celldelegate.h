// SPDX-License-Identifier: GPL-3.0-or-later
// Paints a cell by its tone, dot and progress, see topicmodel.h. GUI's thread.
#pragma once

#include <QStyledItemDelegate>

namespace takt::console {

class CellDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    // What is cut off is told, unless the model has more to tell.
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace takt::console
