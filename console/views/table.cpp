// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/table.h"

#include "console/models/topicmodel.h"
#include "console/views/celldelegate.h"
#include "console/views/header.h"
#include "console/views/theme.h"

#include <QHeaderView>
#include <QMenu>
#include <QSettings>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

Table::Table(const QString &name, QSortFilterProxyModel *model, QWidget *parent)
    : QTableView(parent)
{
    setObjectName(name);
    setHorizontalHeader(new Header(this));
    setModel(model);
    setItemDelegate(new CellDelegate(this));
    setShowGrid(false);
    setSelectionBehavior(SelectRows);
    setTabKeyNavigation(false);
    setSortingEnabled(true);
    setWordWrap(false);
    setHorizontalScrollMode(ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * Theme::kSpace);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(horizontalHeader(), &QWidget::customContextMenuRequested, this, &Table::showColumnsMenu);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, &Table::onCurrentChanged);
    connect(model, &QAbstractItemModel::modelReset, this, &Table::selectAgain);
}

QString Table::currentKey() const
{
    return m_key;
}

QStringList Table::selectedKeys() const
{
    QStringList keys;
    const QModelIndexList rows = selectionModel()->selectedRows();
    for (const QModelIndex &row : rows)
        keys << row.data(TopicModel::kKeyRole).toString();
    return keys;
}

void Table::select(const QString &key)
{
    const QModelIndexList found = model()->match(model()->index(0, 0), TopicModel::kKeyRole, key, 1, Qt::MatchExactly);
    if (!found.isEmpty())
        selectionModel()->setCurrentIndex(found.front(),
                                          QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void Table::setWidths(const QStringList &samples)
{
    const int space = 2 * Theme::kSpace + 2;
    const auto *header = qobject_cast<Header *>(horizontalHeader());
    for (int i = 0; i < samples.size(); ++i)
        setColumnWidth(i, std::max(fontMetrics().size(0, samples[i]).width() + space, header->widthOfTitle(i)));
}

void Table::setFreeText(const QList<int> &columns)
{
    m_free = columns;
    horizontalHeader()->setStretchLastSection(false);
    horizontalHeader()->setSectionResizeMode(columns.front(), QHeaderView::Stretch);
}

void Table::rememberLayout() const
{
    QSettings().setValue(u"tables/"_s + objectName(), horizontalHeader()->saveState());
}

void Table::restoreLayout()
{
    horizontalHeader()->restoreState(QSettings().value(u"tables/"_s + objectName()).toByteArray());
}

void Table::rowsAboutToBeRemoved(const QModelIndex &parent, int start, int end)
{
    if (const int row = currentIndex().row(); row >= start && row <= end)
        selectionModel()->clear();
    QTableView::rowsAboutToBeRemoved(parent, start, end);
}

void Table::showColumnsMenu(const QPoint &at)
{
    QMenu menu(this);
    for (int i = 0; i < model()->columnCount(); ++i) {
        QAction *action = menu.addAction(model()->headerData(i, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(i));
        action->setEnabled(i > 0); // something has to be there
        connect(action, &QAction::toggled, this, [this, i](bool shown) { setColumnHidden(i, !shown); });
    }
    menu.exec(horizontalHeader()->mapToGlobal(at));
}

void Table::onCurrentChanged(const QModelIndex &current)
{
    const QString key = current.data(TopicModel::kKeyRole).toString();
    if (std::exchange(m_key, key) != key)
        Q_EMIT currentKeyChanged(key);
}

void Table::selectAgain()
{
    const QString key = m_key;
    if (!key.isEmpty())
        select(key);
    if (currentIndex().data(TopicModel::kKeyRole).toString() == key)
        return;
    m_key.clear();
    if (!key.isEmpty())
        Q_EMIT currentKeyChanged(QString());
}

} // namespace takt::console
