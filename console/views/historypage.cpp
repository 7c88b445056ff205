// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/historypage.h"

#include "console/models/words.h"
#include "console/views/csv.h"
#include "console/views/emptystate.h"
#include "console/views/recordpane.h"
#include "console/views/table.h"
#include "console/views/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kTypingMs = 250; // of a pause, before the gateway is asked

} // namespace

HistoryPage::HistoryPage(GatewayClient &client, QWidget *parent)
    : Page(parent)
    , m_client(client)
    , m_model(client)
    , m_text(new QLineEdit(this))
    , m_count(mutedLabel({}, this))
    , m_pane(new RecordPane(client, this))
    , m_splitter(new QSplitter(this))
{
    m_rows.setSourceModel(&m_model);
    m_text->setPlaceholderText(tr("Search: number, business, call"));
    m_text->setClearButtonEnabled(true);
    m_table = new Table(u"history"_s, &m_rows, this);
    m_table->setSortingEnabled(false); // the latest first: the rest may still be with the gateway
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Past calls"));
    m_table->setWidths({u"00/00/2000 00:00 XX"_s, u"+15550100000\n"_s + Words::caller({}),
                        Words::direction(u"inbound"_s) + u'\n' + Words::direction(u"outbound"_s), u"Bike shop XX"_s,
                        u"0:00:00"_s, u"The carrier's stream broke off"_s, u"00"_s, u"100.0 ms"_s, u"0.000 USD"_s});
    m_table->setFreeText({HistoryModel::End, HistoryModel::Business});
    m_table->restoreLayout();
    new EmptyState(m_table, tr("No calls found"),
                   tr("Every call is kept here from its first second, with what was said."));
    connect(m_table, &Table::currentKeyChanged, m_pane, &RecordPane::setCall);
    m_typing.setSingleShot(true);
    connect(&m_typing, &QTimer::timeout, this, &HistoryPage::search);
    connect(m_text, &QLineEdit::textChanged, this, [this] { m_typing.start(kTypingMs); });
    connect(&m_model, &HistoryModel::answered, this, &HistoryPage::count);
    auto *keep = new QPushButton(tr("Export…"), this);
    keep->setToolTip(tr("Writes the calls that are listed into a CSV file"));
    connect(keep, &QPushButton::clicked, this, &HistoryPage::exportRows);

    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::kSpace);
    bar->addWidget(m_text, 1);
    bar->addStretch(1);
    bar->addWidget(m_count);
    bar->addWidget(keep);
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
    spaceOut(m_splitter);
    m_splitter->restoreState(QSettings().value(u"splitters/history"_s).toByteArray());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
}

void HistoryPage::focusFilter()
{
    m_text->setFocus();
    m_text->selectAll();
}

void HistoryPage::copyIds()
{
    m_pane->copyIds();
}

void HistoryPage::rememberLayout() const
{
    m_table->rememberLayout();
    QSettings().setValue(u"splitters/history"_s, m_splitter->saveState());
}

void HistoryPage::setDataDir(const QString &path)
{
    m_pane->setDataDir(path);
}

// The past grows: who comes back sees the latest of it.
void HistoryPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    search();
}

void HistoryPage::search()
{
    m_typing.stop();
    m_model.search(m_text->text().trimmed());
}

void HistoryPage::exportRows()
{
    exportCsv(m_rows, tr("calls.csv", "name of a file"), this);
}

void HistoryPage::count()
{
    const int n = m_model.rowCount();
    m_count->setText(!m_model.problem().isEmpty() ? m_model.problem()
                     : m_model.complete()         ? tr("%n call(s)", nullptr, n)
                                                  : tr("the latest %n call(s)", nullptr, n));
}

} // namespace takt::console
