// SPDX-License-Identifier: GPL-3.0-or-later
// The window: pages beside their names, the verdict above. Feeds the models from the client. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/flightsmodel.h"
#include "console/models/jobsmodel.h"
#include "console/models/livecallsmodel.h"
#include "console/models/txmodel.h"
#include "shared/gatewaysnapshot.h"

#include <QMainWindow>

class QMenu;
class QStackedWidget;

namespace takt::console {

class HistoryPage;
class JobsPage;
class Page;
class Sidebar;
class VerdictBanner;

class MainWindow final : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(GatewayClient &client);

    void showPage(int page);
    [[nodiscard]] int pages() const { return int(m_pages.size()); }

private:
    void addPage(const QString &name, Page *page);
    void buildActions();
    QAction *addAction(QMenu *menu, const QString &text, const QKeySequence &shortcut, std::function<void()> act);
    void onState();
    void onUpdate(const QString &topic, const TopicUpdate &update);
    void judge();
    void order(const QString &method);
    void closeEvent(QCloseEvent *event) override;

    GatewayClient &m_client;
    LiveCallsModel m_calls;
    TxModel m_tx;
    FlightsModel m_flights;
    JobsModel m_jobs;
    GatewaySnapshot m_gateway;
    TopicState m_gatewayTopic;
    bool m_everConnected = false;

    QStackedWidget *m_whole; // looking for a gateway, or the pages
    Sidebar *m_sidebar;
    VerdictBanner *m_banner;
    QStackedWidget *m_stack;
    QList<Page *> m_pages;
    JobsPage *m_jobsPage = nullptr;
    HistoryPage *m_historyPage = nullptr;
    QList<QAction *> m_actions;
    QTimer m_seconds;
};

} // namespace takt::console
