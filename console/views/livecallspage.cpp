// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/livecallspage.h"

#include "console/models/livecallsmodel.h"
#include "console/models/words.h"
#include "console/views/callorders.h"
#include "console/views/callpane.h"
#include "console/views/emptystate.h"
#include "console/views/table.h"
#include "console/views/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

LiveCallsPage::LiveCallsPage(GatewayClient &client, LiveCallsModel &calls, QWidget *parent)
    : Page(parent)
    , m_calls(calls)
    , m_filter(new QLineEdit(this))
    , m_count(mutedLabel({}, this))
    , m_splitter(new QSplitter(this))
{
    m_shown.setSourceModel(&calls);
    m_filter->setPlaceholderText(tr("Filter: number, business, state, words"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(360);
    connect(m_filter, &QLineEdit::textChanged, &m_shown, &FilterProxy::setText);
    m_table = new Table(u"liveCalls"_s, &m_shown, this);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Live calls"));
    m_table->sortByColumn(LiveCallsModel::Duration, Qt::DescendingOrder);
    m_table->setWidths({tr("Listening", "state of a call: the caller has interrupted the agent") + u"●●"_s,
                        Words::direction(u"inbound"_s) + u'\n' + Words::direction(u"outbound"_s),
                        u"+15550100000\n"_s + Words::caller({}), u"Bike shop X"_s, u"0:00:00"_s,
                        Words::speaker(u"caller"_s) + u'\n' + Words::speaker(u"agent"_s), u"2,000 ms"_s, u"10.0 ms"_s,
                        u"00"_s, u"1,000 ms"_s, u"0.000 USD"_s});
    m_table->setFreeText({LiveCallsModel::Business});
    m_table->restoreLayout();
    setFocusProxy(m_table);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &LiveCallsPage::showMenu);
    connect(m_table, &Table::currentKeyChanged, this, &LiveCallsPage::onKey);
    new EmptyState(
        m_table, tr("No live calls"),
        tr("Calls appear here the moment they are answered. To try it, point a number at the gateway, or let "
           "simulated people call: ./run.sh"));
    m_pane = new CallPane(client, calls, this);
    addActions(m_pane->orders()->all()); // their keys work while this page is seen

    auto *bar = new QHBoxLayout;
    bar->addWidget(m_filter, 1);
    bar->addStretch(1);
    bar->addWidget(m_count);
    auto *left = new QWidget(this);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Theme::kSpace);
    column->addLayout(bar);
    column->addWidget(m_table);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_pane);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({905, 280}); // every column has room at the usual size of the window
    spaceOut(m_splitter);
    m_splitter->restoreState(QSettings().value(u"splitters/liveCalls"_s).toByteArray());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&m_shown, signal, this, &LiveCallsPage::count);
    connect(&m_shown, &QAbstractItemModel::modelReset, this, &LiveCallsPage::count);
    count();
}

void LiveCallsPage::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void LiveCallsPage::copyIds()
{
    m_pane->copyIds();
}

void LiveCallsPage::rememberLayout() const
{
    m_table->rememberLayout();
    QSettings().setValue(u"splitters/liveCalls"_s, m_splitter->saveState());
}

// A call that is over stays in the pane until another one is chosen.
void LiveCallsPage::onKey(const QString &key)
{
    if (!key.isEmpty())
        m_pane->setCall(key);
}

void LiveCallsPage::showMenu(const QPoint &at)
{
    if (!m_table->indexAt(at).isValid())
        return;
    QMenu menu(this);
    connect(menu.addAction(tr("Copy IDs")), &QAction::triggered, m_pane, &CallPane::copyIds);
    menu.addSeparator();
    menu.addActions(m_pane->orders()->all());
    connect(menu.addAction(tr("Hang up…")), &QAction::triggered, m_pane, &CallPane::hangUp);
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

void LiveCallsPage::count()
{
    const int shown = m_shown.rowCount();
    const int all = m_calls.rowCount();
    m_count->setText(shown == all ? tr("%n call(s)", nullptr, all) : tr("%1 of %n call(s)", nullptr, all).arg(shown));
}

} // namespace takt::console
