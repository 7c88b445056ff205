// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/clipped.h"

#include "console/views/header.h"
#include "console/views/table.h"

#include <QAbstractButton>
#include <QLabel>
#include <QTabBar>
#include <QStyleOptionViewItem>

using namespace Qt::Literals::StringLiterals;
using namespace takt::console;

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

QStyleOptionViewItem option(const QTableView &table)
{
    QStyleOptionViewItem option;
    option.initFrom(&table);
    option.font = table.font();
    option.fontMetrics = table.fontMetrics();
    return option;
}

// What people wrote may be cut, and a tip tells it then; everything else must be read as it stands.
void look(const Table &table, QStringList &clipped)
{
    const auto *model = table.model();
    for (int column = 0; column < model->columnCount(); ++column) {
        if (table.isColumnHidden(column))
            continue;
        const int width = table.columnWidth(column);
        if (qobject_cast<const Header *>(table.horizontalHeader())->widthOfTitle(column) > width)
            clipped << u"title: "_s + model->headerData(column, Qt::Horizontal).toString();
        for (int row = 0; row < model->rowCount() && !table.mayBeCut(column); ++row) {
            const QModelIndex cell = model->index(row, column);
            if (table.itemDelegate()->sizeHint(option(table), cell).width() > width)
                clipped << u"cell: "_s + cell.data().toString();
        }
    }
    clipped.removeDuplicates();
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
        else if (const auto *table = qobject_cast<const Table *>(widget))
            look(*table, clipped);
    }
    return clipped;
}
