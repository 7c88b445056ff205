// SPDX-License-Identifier: GPL-3.0-or-later
// The people behind the calls. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/filterproxy.h"
#include "console/models/leadsmodel.h"
#include "console/views/page.h"

#include <QTimer>

class QLineEdit;
class QSplitter;

namespace takt::console {

class Table;

class LeadsPage final : public Page
{
    Q_OBJECT
public:
    LeadsPage(GatewayClient &client, QWidget *parent);

    void focusFilter() override;
    void rememberLayout() const override;

private:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void ask();

    GatewayClient &m_client;
    LeadsModel m_leads;
    FilterProxy m_shown;
    QLineEdit *m_filter;
    Table *m_table;
    QSplitter *m_splitter;
    QTimer m_news; // while the page is looked at
};

} // namespace takt::console
