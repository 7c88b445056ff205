// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/desk.h"

#include "console/models/words.h"
#include "console/views/connectionpage.h"
#include "console/views/historypage.h"
#include "console/views/jobspage.h"
#include "console/views/leadspage.h"
#include "console/views/livecallspage.h"
#include "console/views/theme.h"
#include "console/views/txpage.h"
#include "console/views/verdictbanner.h"
#include "shared/controlprotocol.h"

#include <QDateTime>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

enum PageNumber { Calls, Tx, Jobs, History, Leads };

} // namespace

QStringList Desk::pageNames()
{
    return {tr("Live calls"), tr("TX health"), tr("Deferred jobs"), tr("History"), tr("Leads")};
}

Desk::Desk(const KnownGateway &gateway, QWidget *parent)
    : QWidget(parent)
    , m_known(gateway)
    , m_counts(pageNames().size())
    , m_whole(new QStackedWidget(this))
    , m_banner(new VerdictBanner(this))
    , m_stack(new QStackedWidget(this))
{
    auto *connection = new ConnectionPage(m_client, this);
    connection->setGateway(gateway);
    connect(connection, &ConnectionPage::chosen, this, &Desk::setGateway);
    connect(this, &Desk::edited, connection, [this, connection] { connection->setGateway(m_known); });
    auto *work = new QWidget(this);
    auto *column = new QVBoxLayout(work);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2 * Theme::kSpace);
    column->addWidget(m_banner);
    column->addWidget(m_stack, 1);
    m_whole->addWidget(connection);
    m_whole->addWidget(work);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_whole);

    m_pages = {new LiveCallsPage(m_client, m_calls, this), new TxPage(m_client, m_tx, m_flights, this),
               m_jobsPage = new JobsPage(m_client, m_jobs, this), m_historyPage = new HistoryPage(m_client, this),
               new LeadsPage(m_client, this)};
    for (Page *page : std::as_const(m_pages))
        m_stack->addWidget(page);
    connect(&m_client, &GatewayClient::stateChanged, this, &Desk::onState);
    connect(&m_client, &GatewayClient::updated, this, &Desk::onUpdate);
    for (const auto topic :
         {control::kGatewayTopic, control::kCallsTopic, control::kTxTopic, control::kFlightsTopic, control::kJobsTopic})
        m_client.subscribe(topic);
    connect(&m_seconds, &QTimer::timeout, this, &Desk::judge); // the next try and a drain count down
    m_seconds.start(1000);
    m_client.open(m_known.socket);
}

void Desk::setGateway(const KnownGateway &gateway)
{
    const bool elsewhere = m_known.socket != gateway.socket;
    m_known = gateway;
    if (elsewhere) {
        m_everConnected = false; // what was shown is another gateway's
        m_stallNews = m_jobNews = {};
        m_client.open(gateway.socket);
    } else {
        m_client.retryNow();
    }
    Q_EMIT edited();
}

Page *Desk::page() const
{
    return m_pages[m_stack->currentIndex()];
}

void Desk::showPage(int page)
{
    m_stack->setCurrentIndex(page);
    m_pages[page]->setFocus();
}

QList<QAction *> Desk::pageActions() const
{
    QList<QAction *> all;
    for (const Page *page : std::as_const(m_pages))
        all << page->actions();
    return all;
}

void Desk::rememberLayout() const
{
    for (const Page *page : std::as_const(m_pages))
        page->rememberLayout();
}

void Desk::onState()
{
    const bool connected = m_client.state() == GatewayClient::State::Connected;
    const bool mismatch = m_client.state() == GatewayClient::State::Mismatch;
    m_everConnected = (m_everConnected || connected) && !mismatch;
    m_whole->setCurrentIndex(m_everConnected ? 1 : 0);
    m_stack->setEnabled(connected); // what was last known stays, and looks like it
    m_banner->setGateway(
        connected ? Words::leftToRight(tr("gateway %1").arg(m_client.version())) + u'\n' + m_known.title() : QString());
    judge();
    Q_EMIT changed();
}

void Desk::onUpdate(const QString &topic, const TopicUpdate &update)
{
    if (topic == control::kCallsTopic) {
        m_calls.apply(update);
        setCount(Calls, m_calls.rowCount() == 0 ? QString() : Words::number(m_calls.rowCount()));
    } else if (topic == control::kTxTopic) {
        m_tx.apply(update);
        judge();
        if (!update.more)
            listenForStalls();
    } else if (topic == control::kFlightsTopic) {
        m_flights.apply(update);
    } else if (topic == control::kJobsTopic) {
        m_jobs.apply(update);
        const int failed = m_jobs.count(u"failed"_s);
        setCount(Jobs, failed == 0 ? QString() : tr("%n failed", nullptr, failed));
        if (!update.more)
            listenForDeadJobs();
    } else if (topic == control::kGatewayTopic) {
        apply(m_gatewayTopic, update);
        m_gateway = GatewaySnapshot::fromJson(m_gatewayTopic.head);
        m_jobsPage->setDataDir(m_gateway.dataDir);
        m_historyPage->setDataDir(m_gateway.dataDir);
        judge();
    }
}

void Desk::setCount(int page, const QString &count)
{
    if (std::exchange(m_counts[page], count) != count)
        Q_EMIT changed();
}

void Desk::listenForStalls()
{
    QList<std::pair<qint64, int>> stalls;
    const QList<TxPoint> seconds = m_tx.points(u"second"_s);
    for (const TxPoint &second : seconds)
        stalls.emplace_back(second.atMs, int(second.stalls));
    if (const int count = m_stallNews.look(stalls); count > 0)
        Q_EMIT alarm(Alarm::Stall, count);
}

void Desk::listenForDeadJobs()
{
    QList<std::pair<qint64, int>> dead;
    for (int row = 0; row < m_jobs.rowCount(); ++row) {
        if (m_jobs.job(row).state == "failed"_L1)
            dead.emplace_back(m_jobs.job(row).finishedAtMs, 1);
    }
    if (const int count = m_jobNews.look(dead); count > 0)
        Q_EMIT alarm(Alarm::DeadJob, count);
}

void Desk::judge()
{
    const Verdict verdict = verdictNow();
    m_banner->setVerdict(verdict);
    if (std::exchange(m_verdict, verdict) != verdict)
        Q_EMIT changed();
}

Verdict Desk::verdictNow() const
{
    switch (m_client.state()) {
    case GatewayClient::State::Idle:
    case GatewayClient::State::Connecting:
        return {Tone::Muted, m_everConnected ? tr("Reconnecting") : tr("Connecting"), {}};
    case GatewayClient::State::Waiting: {
        const int seconds = (std::max(0, m_client.retryInMs()) + 999) / 1000;
        return {m_everConnected ? Tone::Warning : Tone::Muted, m_everConnected ? tr("Reconnecting") : tr("Not there"),
                tr("The gateway does not answer; the next try is in %n second(s).", nullptr, seconds)};
    }
    case GatewayClient::State::Mismatch: return {Tone::Warning, tr("Other version"), {}};
    case GatewayClient::State::Connected: break;
    }
    return Judge::judge(m_tx.points(u"second"_s), m_gateway, m_calls.rowCount(), QDateTime::currentMSecsSinceEpoch());
}

} // namespace takt::console
