// SPDX-License-Identifier: GPL-3.0-or-later
// The work after calls: what waits, runs, has failed, is done; and what an operator may do about it. GUI's thread.
#pragma once

#include "console/models/filterproxy.h"
#include "console/views/page.h"

#include <QTimer>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QTabBar;

namespace takt::console {

class ConfirmButton;
class EmptyState;
class GatewayClient;
class JobPane;
class JobsModel;
class Table;

class JobsPage final : public Page
{
    Q_OBJECT
public:
    JobsPage(GatewayClient &client, JobsModel &jobs, QWidget *parent);

    void focusFilter() override;
    void rememberLayout() const override;
    void setDataDir(const QString &path);

private:
    void buildTabs();
    void buildFilters(QHBoxLayout *bar);
    void buildActions(QHBoxLayout *bar);
    void onTab(int tab);
    void onHead();
    void onSelection();
    void order(const QString &method);
    void setPaused(const QString &stage, bool paused);
    void showPauseMenu();
    void showMenu(const QPoint &at);
    void say(const QString &text);

    GatewayClient &m_client;
    JobsModel &m_jobs;
    FilterProxy m_shown;
    QTabBar *m_tabs;
    QLineEdit *m_filter;
    QComboBox *m_stage;
    QPushButton *m_retry;
    ConfirmButton *m_cancel;
    QPushButton *m_pause;
    QLabel *m_notice;
    Table *m_table;
    EmptyState *m_empty;
    JobPane *m_pane;
    QSplitter *m_splitter;
    QTimer m_seconds;
};

} // namespace takt::console
