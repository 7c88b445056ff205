// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/turndelegate.h"

#include "console/models/callmodels.h"
#include "console/views/theme.h"

#include <QAbstractItemView>
#include <QPainter>

namespace takt::console {

namespace {

constexpr int kMargin = 8;
constexpr int kPadding = 9;
constexpr double kWidest = 0.82; // of the view: whose words they are shows by the side

QString textOf(const QModelIndex &index)
{
    const QString text = index.data().toString();
    return index.data(TurnsModel::kInterruptedRole).toBool() ? text + u'—' : text;
}

} // namespace

QRect TurnDelegate::textRect(const QStyleOptionViewItem &option, const QModelIndex &index, int width) const
{
    const int widest = int(width * kWidest) - 2 * kPadding;
    return option.fontMetrics.boundingRect(QRect(0, 0, widest, 100'000), int(Qt::TextWordWrap), textOf(index));
}

QSize TurnDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view != nullptr ? view->viewport()->width() : 320;
    return {80, textRect(option, index, width - 2 * kMargin).height() + 2 * kPadding + kMargin};
}

void TurnDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Theme theme = Theme::current();
    const bool agent = index.data(TurnsModel::kIsAgentRole).toBool();
    const QRect row = option.rect.adjusted(kMargin, kMargin / 2, -kMargin, -kMargin / 2);
    const QRect text = textRect(option, index, row.width());
    QRect bubble(row.left(), row.top(), text.width() + 2 * kPadding + 2, row.height());
    if (agent == (option.direction == Qt::LeftToRight)) // the agent speaks for the house: on our side
        bubble.moveRight(row.right());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(agent ? theme.tint(Tone::Accent, theme.dark ? 0.22 : 0.12)
                            : theme.tint(Tone::Plain, theme.dark ? 0.10 : 0.06));
    painter->drawRoundedRect(bubble, 8, 8);
    painter->setFont(option.font);
    painter->setPen(theme.text);
    const QString words = textOf(index);
    const bool hebrew = words.isRightToLeft(); // by what was said, not by who reads it
    painter->setLayoutDirection(hebrew ? Qt::RightToLeft : Qt::LeftToRight);
    painter->drawText(bubble.adjusted(kPadding, kPadding, -kPadding, -kPadding),
                      int((hebrew ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute) | Qt::TextWordWrap, words);
    painter->restore();
}

} // namespace takt::console
