// SPDX-License-Identifier: GPL-3.0-or-later
// One live call closely: what is said, what happens, how its audio goes out, and what can be done. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/callmodels.h"
#include "console/models/livecallsmodel.h"

#include <QWidget>

class QLabel;
class QListView;
class QPushButton;
class QStackedWidget;
class QTableView;
class QVBoxLayout;

namespace takt::console {

class CallOrders;
class ConfirmButton;
class Plot;
class Tile;

class CallPane final : public QWidget
{
    Q_OBJECT
public:
    CallPane(GatewayClient &client, LiveCallsModel &calls, QWidget *parent);

    // Empty: none.
    void setCall(const QString &callSid);
    [[nodiscard]] const QString &callSid() const { return m_callSid; }
    void hangUp(); // asks once
    void copyIds();
    [[nodiscard]] CallOrders *orders() const { return m_orders; }

private:
    void buildHeader(QVBoxLayout *layout);
    [[nodiscard]] QLayout *buildButtons();
    void buildTabs(QVBoxLayout *layout);
    void buildConversation();
    void buildTimeline();
    void onUpdate(const QString &topic, const TopicUpdate &update);
    void refresh();
    void onHangUp();

    GatewayClient &m_client;
    LiveCallsModel &m_calls;
    TurnsModel m_turns;
    EventsModel m_events;
    QString m_callSid;
    CallSnapshot m_last; // what is known of it, also once it is over

    CallOrders *m_orders;
    QStackedWidget *m_whole; // nothing chosen, or a call
    QLabel *m_title;
    QLabel *m_subtitle;
    QLabel *m_notice;
    ConfirmButton *m_hangUp;
    QPushButton *m_copy;
    Tile *m_time;
    Tile *m_backlog;
    Tile *m_worst;
    Tile *m_answer;
    Tile *m_cuts;
    Tile *m_stalls;
    Tile *m_cost;
    Tile *m_underruns;
    Tile *m_bursts;
    Plot *m_plot;
    QStackedWidget *m_tabs;
    QListView *m_conversation;
    QTableView *m_timeline;
};

} // namespace takt::console
