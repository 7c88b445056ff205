// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/mainwindow.h"

#include "console/models/verdict.h"
#include "console/models/words.h"
#include "console/views/connectionpage.h"
#include "console/views/historypage.h"
#include "console/views/jobspage.h"
#include "console/views/leadspage.h"
#include "console/views/livecallspage.h"
#include "console/views/shortcutsdialog.h"
#include "console/views/sidebar.h"
#include "console/views/theme.h"
#include "console/views/txpage.h"
#include "console/views/verdictbanner.h"
#include "shared/controlprotocol.h"

#include <QCloseEvent>
#include <QDateTime>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

MainWindow::MainWindow(GatewayClient &client)
    : m_client(client)
    , m_whole(new QStackedWidget(this))
    , m_sidebar(new Sidebar(this))
    , m_banner(new VerdictBanner(this))
    , m_stack(new QStackedWidget(this))
{
    setWindowTitle(tr("Takt console"));
    setCentralWidget(m_whole);
    m_whole->addWidget(new ConnectionPage(client, this));
    auto *work = new QWidget(this);
    m_whole->addWidget(work);
    auto *right = new QVBoxLayout;
    right->setSpacing(2 * Theme::kSpace);
    right->addWidget(m_banner);
    right->addWidget(m_stack, 1);
    auto *layout = new QHBoxLayout(work);
    layout->setContentsMargins(2 * Theme::kSpace, Theme::kSpace, 2 * Theme::kSpace, 2 * Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addWidget(m_sidebar);
    layout->addLayout(right, 1);

    addPage(tr("Live calls"), new LiveCallsPage(client, m_calls, this));
    addPage(tr("TX health"), new TxPage(m_tx, this));
    addPage(tr("Deferred jobs"), m_jobsPage = new JobsPage(client, m_jobs, this));
    addPage(tr("History"), m_historyPage = new HistoryPage(client, this));
    addPage(tr("Leads"), new LeadsPage(client, this));
    connect(m_sidebar, &Sidebar::chosen, this, &MainWindow::showPage);
    buildActions();
    showPage(0);

    connect(&m_client, &GatewayClient::stateChanged, this, &MainWindow::onState);
    connect(&m_client, &GatewayClient::updated, this, &MainWindow::onUpdate);
    for (const auto topic : {control::kGatewayTopic, control::kCallsTopic, control::kTxTopic, control::kJobsTopic})
        m_client.subscribe(topic);
    connect(&m_seconds, &QTimer::timeout, this, &MainWindow::judge); // the next try and a drain count down
    m_seconds.start(1000);
    resize(1400, 860);
    restoreGeometry(QSettings().value(u"window"_s).toByteArray());
    onState();
}

void MainWindow::addPage(const QString &name, Page *page)
{
    m_pages << page;
    m_stack->addWidget(page);
    m_sidebar->addPage(name);
    QAction *action = new QAction(name, this);
    action->setShortcut(QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_0 + m_pages.size())));
    connect(action, &QAction::triggered, this, [this, page] { showPage(int(m_pages.indexOf(page))); });
    m_actions << action;
}

void MainWindow::showPage(int page)
{
    m_stack->setCurrentIndex(page);
    m_sidebar->setCurrent(page);
    m_pages[page]->setFocus();
}

QAction *MainWindow::addAction(QMenu *menu, const QString &text, const QKeySequence &shortcut,
                               std::function<void()> act)
{
    QAction *action = menu->addAction(text);
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, std::move(act));
    m_actions << action;
    return action;
}

void MainWindow::buildActions()
{
    QMenu *gateway = menuBar()->addMenu(tr("&Gateway"));
    addAction(gateway, tr("&Drain: no new calls"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D), [this] {
        const auto sure = QMessageBox::question(
            this, tr("Drain the gateway?"),
            tr("It takes no new calls, and ends once the live ones are over. Callers "
               "hear the fallback."));
        if (sure == QMessageBox::Yes)
            order(control::kDrain);
    });
    addAction(gateway, tr("&Take calls again"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T),
              [this] { order(control::kUndrain); });
    addAction(gateway, tr("&Reconnect now"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] { m_client.retryNow(); });
    gateway->addSeparator();
    addAction(gateway, tr("&Quit"), QKeySequence::Quit, [this] { close(); });
    QMenu *view = menuBar()->addMenu(tr("&View"));
    view->addActions(m_actions.first(m_pages.size()));
    view->addSeparator();
    addAction(view, tr("&Filter"), QKeySequence::Find, [this] { m_pages[m_stack->currentIndex()]->focusFilter(); });
    addAction(view, tr("&Copy IDs"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
              [this] { m_pages[m_stack->currentIndex()]->copyIds(); });
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    addAction(help, tr("&Keyboard"), QKeySequence(Qt::Key_F1), [this] {
        QList<QAction *> all = m_actions;
        for (const Page *page : std::as_const(m_pages))
            all << page->actions();
        ShortcutsDialog(all, this).exec();
    });
}

void MainWindow::onState()
{
    const bool connected = m_client.state() == GatewayClient::State::Connected;
    const bool mismatch = m_client.state() == GatewayClient::State::Mismatch;
    m_everConnected = (m_everConnected || connected) && !mismatch;
    m_whole->setCurrentIndex(m_everConnected ? 1 : 0);
    m_stack->setEnabled(connected); // what was last known stays, and looks like it
    m_banner->setGateway(connected ? Words::leftToRight(tr("gateway %1").arg(m_client.version())) + u"\n"_s
                                         + Words::leftToRight(QFileInfo(m_client.path()).fileName())
                                   : QString());
    judge();
}

void MainWindow::onUpdate(const QString &topic, const TopicUpdate &update)
{
    if (topic == control::kCallsTopic) {
        m_calls.apply(update);
        m_sidebar->setCount(0, m_calls.rowCount() == 0 ? QString() : Words::number(m_calls.rowCount()));
    } else if (topic == control::kTxTopic) {
        m_tx.apply(update);
        judge();
    } else if (topic == control::kJobsTopic) {
        m_jobs.apply(update);
        const int failed = m_jobs.count(u"failed"_s);
        m_sidebar->setCount(2, failed == 0 ? QString() : tr("%n failed", nullptr, failed));
    } else if (topic == control::kGatewayTopic) {
        apply(m_gatewayTopic, update);
        m_gateway = GatewaySnapshot::fromJson(m_gatewayTopic.head);
        m_jobsPage->setDataDir(m_gateway.dataDir);
        m_historyPage->setDataDir(m_gateway.dataDir);
        judge();
    }
}

void MainWindow::judge()
{
    if (m_client.state() != GatewayClient::State::Connected) {
        const int seconds = (m_client.retryInMs() + 999) / 1000;
        m_banner->setVerdict(
            {Tone::Warning, tr("Not connected"),
             m_client.state() == GatewayClient::State::Connecting || seconds <= 0
                 ? tr("Connecting…")
                 : tr("The gateway does not answer; the next try is in %n second(s).", nullptr, seconds)});
        return;
    }
    m_banner->setVerdict(
        Judge::judge(m_tx.points(u"second"_s), m_gateway, m_calls.rowCount(), QDateTime::currentMSecsSinceEpoch()));
}

void MainWindow::order(const QString &method)
{
    m_client.ask(method, {}, this, [this](const Result<QJsonObject> &result) {
        if (!result)
            QMessageBox::warning(this, tr("The gateway says no"), result.error());
    });
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    for (const Page *page : std::as_const(m_pages))
        page->rememberLayout();
    QSettings().setValue(u"window"_s, saveGeometry());
    QMainWindow::closeEvent(event);
}

} // namespace takt::console
