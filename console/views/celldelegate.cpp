// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/celldelegate.h"

#include "console/views/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace takt::console {

namespace {

constexpr int kMargin = 8;
constexpr int kDot = 8;

void paintProgress(QPainter *painter, const QRect &cell, double share, bool rightToLeft, const Theme &theme)
{
    const QRectF bar = QRectF(cell).adjusted(kMargin, cell.height() - 8, -kMargin, -5);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.line);
    painter->drawRoundedRect(bar, 1.5, 1.5);
    QRectF done = bar;
    done.setWidth(bar.width() * std::clamp(share, 0.0, 1.0));
    if (rightToLeft)
        done.moveRight(bar.right());
    painter->setBrush(theme.accent);
    painter->drawRoundedRect(done, 1.5, 1.5);
}

} // namespace

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Theme theme = Theme::current();
    const bool rightToLeft = option.direction == Qt::RightToLeft;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.tint(Tone::Accent, theme.dark ? 0.25 : 0.13));
    QRect area = option.rect.adjusted(kMargin, 0, -kMargin, 0);
    if (const QVariant dot = index.data(TopicModel::kDotRole); dot.isValid()) {
        const int x = rightToLeft ? area.right() - kDot + 1 : area.left();
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.tone(Tone(dot.toInt())));
        painter->drawEllipse(QRect(x, area.center().y() - kDot / 2 + 1, kDot, kDot));
        rightToLeft ? area.setRight(x - kMargin) : area.setLeft(x + kDot + kMargin);
    }
    if (const QVariant progress = index.data(TopicModel::kProgressRole); progress.isValid())
        paintProgress(painter, option.rect, progress.toDouble(), rightToLeft, theme);
    const QVariant wanted = index.data(Qt::TextAlignmentRole);
    const auto alignment = wanted.isValid() ? wanted.value<Qt::Alignment>() : Qt::AlignLeft | Qt::AlignVCenter;
    painter->setFont(option.font);
    painter->setPen(theme.tone(Tone(index.data(TopicModel::kToneRole).toInt())));
    const QString text = option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, area.width());
    painter->setLayoutDirection(option.direction);
    painter->drawText(area, int(QStyle::visualAlignment(option.direction, alignment)) | Qt::TextSingleLine, text);
    painter->restore();
}

bool CellDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                             const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip || !index.data(Qt::ToolTipRole).toString().isEmpty()
        || sizeHint(option, index).width() <= option.rect.width())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    QToolTip::showText(event->globalPos(), index.data().toString(), view);
    return true;
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int dot = index.data(TopicModel::kDotRole).isValid() ? kDot + kMargin : 0;
    const int width = option.fontMetrics.horizontalAdvance(index.data().toString()) + 2 * kMargin + dot + 2;
    return {width, option.fontMetrics.height() + 2 * Theme::kSpace};
}

} // namespace takt::console
