// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/header.h"

#include "console/views/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QStyle>

namespace takt::console {

namespace {

constexpr int kPadding = 8; // as the cells have it
constexpr int kArrow = 8;
constexpr int kArrowSpace = 5;

} // namespace

Header::Header(QWidget *parent)
    : QHeaderView(Qt::Horizontal, parent)
{
    setSectionsClickable(true);
}

QString Header::title(int section) const
{
    return model()->headerData(section, Qt::Horizontal).toString();
}

int Header::widthOfTitle(int section) const
{
    const int arrow = isSortIndicatorShown() ? kArrow + kArrowSpace : 0;
    return fontMetrics().horizontalAdvance(title(section)) + 2 * kPadding + arrow + 1;
}

QSize Header::sizeHint() const
{
    return {QHeaderView::sizeHint().width(), fontMetrics().height() + 2 * Theme::kSpace + 2};
}

// The arrow stands where the line ends: after a title that begins the column, before one that ends it.
void Header::paintSection(QPainter *painter, const QRect &rect, int section) const
{
    const Theme theme = Theme::current();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setLayoutDirection(Qt::LeftToRight); // what is left below is left
    painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.line);
    const QVariant wanted = model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole);
    const Qt::Alignment logical = wanted.isValid() ? wanted.value<Qt::Alignment>() : Qt::AlignLeft | Qt::AlignVCenter;
    const Qt::Alignment alignment = QStyle::visualAlignment(layoutDirection(), logical);
    const bool atRight = alignment.testFlag(Qt::AlignRight);
    const QRect line = rect.adjusted(kPadding, 0, -kPadding, 0);
    const bool sorted = isSortIndicatorShown() && sortIndicatorSection() == section;
    const int room = line.width() - (sorted ? kArrow + kArrowSpace : 0);
    const QString text = fontMetrics().elidedText(title(section), Qt::ElideRight, room);
    const int width = fontMetrics().horizontalAdvance(text);
    painter->setPen(sorted ? theme.text : theme.muted);
    painter->drawText(line, int(alignment) | Qt::TextSingleLine, text);
    if (sorted) {
        const double x = atRight ? line.right() + 1 - width - kArrowSpace - kArrow : line.left() + width + kArrowSpace;
        const double down = sortIndicatorOrder() == Qt::DescendingOrder ? 1 : -1;
        const double middle = line.center().y() + 1;
        QPainterPath arrow(QPointF(x, middle - down * kArrow / 4.0));
        arrow.lineTo(x + kArrow, middle - down * kArrow / 4.0);
        arrow.lineTo(x + kArrow / 2.0, middle + down * kArrow / 4.0);
        painter->fillPath(arrow, theme.muted);
    }
    painter->restore();
}

} // namespace takt::console
