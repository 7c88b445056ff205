// SPDX-License-Identifier: GPL-3.0-or-later
// One gateway in the window: its connection, its models, its pages with the verdict above, and where to connect while there
// is none. Each keeps its own, whichever is looked at. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/alarms.h"
#include "console/models/flightsmodel.h"
#include "console/models/jobsmodel.h"
#include "console/models/knowngateway.h"
#include "console/models/livecallsmodel.h"
#include "console/models/txmodel.h"
#include "console/models/verdict.h"
#include "shared/gatewaysnapshot.h"

#include <QWidget>

class QStackedWidget;

namespace takt::console {

class HistoryPage;
class JobsPage;
class Page;
class VerdictBanner;

class Desk final : public QWidget
{
    Q_OBJECT
public:
    Desk(const KnownGateway &gateway, QWidget *parent);

    // In the order of the pages.
    [[nodiscard]] static QStringList pageNames();

    [[nodiscard]] const KnownGateway &gateway() const { return m_known; }
    // Another name, or another socket: then connects to that.
    void setGateway(const KnownGateway &gateway);
    [[nodiscard]] GatewayClient &client() { return m_client; }
    [[nodiscard]] const Verdict &verdict() const { return m_verdict; }
    // Shows pages: it was connected before.
    [[nodiscard]] bool isOpen() const { return m_everConnected; }
    [[nodiscard]] Page *page() const;
    void showPage(int page);
    // Of all pages, for the list of keys.
    [[nodiscard]] QList<QAction *> pageActions() const;
    // What stands beside a page's name; empty: nothing.
    [[nodiscard]] const QString &count(int page) const { return m_counts[page]; }
    void rememberLayout() const;

Q_SIGNALS:
    void changed(); // the verdict, a count, whether it is open
    void edited();  // the name, or the socket
    void alarm(takt::console::Alarm kind, int count);

private:
    void onState();
    void onUpdate(const QString &topic, const TopicUpdate &update);
    void setCount(int page, const QString &count);
    void judge();
    void listenForStalls();
    void listenForDeadJobs();
    [[nodiscard]] Verdict verdictNow() const;

    KnownGateway m_known;
    GatewayClient m_client;
    LiveCallsModel m_calls;
    TxModel m_tx;
    FlightsModel m_flights;
    JobsModel m_jobs;
    GatewaySnapshot m_gateway;
    TopicState m_gatewayTopic;
    News m_stallNews;
    News m_jobNews;
    Verdict m_verdict;
    QStringList m_counts;
    bool m_everConnected = false;

    QStackedWidget *m_whole; // looking for a gateway, or the pages
    VerdictBanner *m_banner;
    QStackedWidget *m_stack;
    QList<Page *> m_pages;
    JobsPage *m_jobsPage;
    HistoryPage *m_historyPage;
    QTimer m_seconds;
};

} // namespace takt::console
