// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/clipped.h"

#include <QAbstractButton>
#include <QHeaderView>
#include <QLabel>
#include <QTabBar>
#include <QTableView>

using namespace Qt::Literals::StringLiterals;

namespace {

bool fits(const QLabel &label)
{
    if (label.wordWrap())
        return label.heightForWidth(label.width()) <= label.height() + 1;
    return label.sizeHint().width() <= label.width() + 1 && label.sizeHint().height() <= label.height() + 1;
}

bool fits(const QAbstractButton &button)
{
    const int text = button.fontMetrics().horizontalAdvance(button.text().remove(u'&'));
    return text <= button.width() - 8 && button.fontMetrics().height() <= button.height();
}

void look(const QHeaderView &header, QStringList &clipped)
{
    for (int i = 0; i < header.count(); ++i) {
        const QString title = header.model()->headerData(i, header.orientation()).toString();
        if (!header.isSectionHidden(i) && header.fontMetrics().horizontalAdvance(title) > header.sectionSize(i) - 16)
            clipped << u"column: "_s + title;
    }
}

void look(const QTabBar &tabs, QStringList &clipped)
{
    for (int i = 0; i < tabs.count(); ++i) {
        if (!tabs.rect().adjusted(-1, -1, 1, 1).contains(tabs.tabRect(i))
            || tabs.fontMetrics().horizontalAdvance(tabs.tabText(i)) > tabs.tabRect(i).width() - 8)
            clipped << u"tab: "_s + tabs.tabText(i);
    }
}

} // namespace

QStringList clippedTexts(const QWidget &window)
{
    QStringList clipped;
    const auto widgets = window.findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        if (!widget->isVisibleTo(&window))
            continue;
        if (const auto *label = qobject_cast<const QLabel *>(widget); label != nullptr && !fits(*label))
            clipped << u"label: "_s + label->text();
        else if (const auto *button = qobject_cast<const QAbstractButton *>(widget);
                 button != nullptr && !button->text().isEmpty() && !fits(*button))
            clipped << u"button: "_s + button->text();
        else if (const auto *tabs = qobject_cast<const QTabBar *>(widget))
            look(*tabs, clipped);
        else if (const auto *header = qobject_cast<const QHeaderView *>(widget);
                 header != nullptr && header->orientation() == Qt::Horizontal)
            look(*header, clipped);
    }
    return clipped;
}
