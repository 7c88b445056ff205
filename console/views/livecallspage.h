// SPDX-License-Identifier: GPL-3.0-or-later
// The live calls, and one of them closely. GUI's thread.
#pragma once

#include "console/models/filterproxy.h"
#include "console/views/page.h"

class QLabel;
class QLineEdit;
class QSplitter;

namespace takt::console {

class CallPane;
class GatewayClient;
class LiveCallsModel;
class Table;

class LiveCallsPage final : public Page
{
    Q_OBJECT
public:
    LiveCallsPage(GatewayClient &client, LiveCallsModel &calls, QWidget *parent);

    void focusFilter() override;
    void copyIds() override;
    void rememberLayout() const override;

private:
    void onKey(const QString &key);
    void showMenu(const QPoint &at);
    void count();

    LiveCallsModel &m_calls;
    FilterProxy m_shown;
    QLineEdit *m_filter;
    QLabel *m_count;
    Table *m_table;
    CallPane *m_pane;
    QSplitter *m_splitter;
};

} // namespace takt::console
