// SPDX-License-Identifier: GPL-3.0-or-later
// Paints what was said as a conversation: the agent's words on one side, the caller's on the other. GUI's thread.
#pragma once

#include <QStyledItemDelegate>

namespace takt::console {

class TurnDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    [[nodiscard]] QRect textRect(const QStyleOptionViewItem &option, const QModelIndex &index, int width) const;
};

} // namespace takt::console
