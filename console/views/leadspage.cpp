// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/leadspage.h"

#include "console/models/words.h"
#include "console/views/csv.h"
#include "console/views/emptystate.h"
#include "console/views/leadpane.h"
#include "console/views/table.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kNewsMs = 5000;
constexpr int kMostLeads = 1000;

} // namespace

LeadsPage::LeadsPage(GatewayClient &client, QWidget *parent)
    : Page(parent)
    , m_client(client)
    , m_filter(new QLineEdit(this))
    , m_splitter(new QSplitter(this))
{
    m_shown.setSourceModel(&m_leads);
    m_filter->setPlaceholderText(tr("Filter: name, number, status, city"));
    m_filter->setClearButtonEnabled(true);
    connect(m_filter, &QLineEdit::textChanged, &m_shown, &FilterProxy::setText);
    m_table = new Table(u"leads"_s, &m_shown, this);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Leads"));
    m_table->sortByColumn(LeadsModel::Latest, Qt::DescendingOrder);
    m_table->setWidths({u"Somebody Cohen"_s, u"+15550100000\n"_s + Words::caller({}), u"Bike shop XX"_s,
                        u"interested"_s, u"Jerusalem"_s, u"brake repair XX"_s, u"000"_s, u"00/00/2000 00:00 XX"_s});
    m_table->setFreeText(
        {LeadsModel::Service, LeadsModel::Name, LeadsModel::Business, LeadsModel::City, LeadsModel::Status});
    m_table->restoreLayout();
    new EmptyState(
        m_table, tr("No leads yet"),
        tr("A person appears here once the work after the first call is done: name, city, and what is wanted."));
    auto *pane = new LeadPane(client, this);
    connect(m_table, &Table::currentKeyChanged, pane, [pane](const QString &key) { pane->setLead(key.toLongLong()); });
    connect(pane, &LeadPane::changed, this, &LeadsPage::ask);
    auto *keep = new QPushButton(tr("Export…"), this);
    keep->setToolTip(tr("Writes the people who are listed into a CSV file"));
    connect(keep, &QPushButton::clicked, this, [this] { exportCsv(m_shown, tr("leads.csv", "name of a file"), this); });
    connect(&m_news, &QTimer::timeout, this, &LeadsPage::ask);

    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::kSpace);
    bar->addWidget(m_filter, 1);
    bar->addStretch(1);
    bar->addWidget(keep);
    auto *left = new QWidget(this);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Theme::kSpace);
    column->addLayout(bar);
    column->addWidget(m_table);
    m_splitter->addWidget(left);
    m_splitter->addWidget(pane);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    spaceOut(m_splitter);
    m_splitter->restoreState(QSettings().value(u"splitters/leads"_s).toByteArray());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
}

void LeadsPage::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void LeadsPage::rememberLayout() const
{
    m_table->rememberLayout();
    QSettings().setValue(u"splitters/leads"_s, m_splitter->saveState());
}

void LeadsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    ask();
    m_news.start(kNewsMs);
}

void LeadsPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_news.stop();
}

void LeadsPage::ask()
{
    m_client.ask(control::kLeads, {{"limit"_L1, kMostLeads}}, this, [this](const Result<QJsonObject> &answer) {
        if (answer)
            m_leads.take(*answer);
    });
}

} // namespace takt::console
