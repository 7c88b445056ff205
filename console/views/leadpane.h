// SPDX-License-Identifier: GPL-3.0-or-later
// One lead: what is known, what became of it, and its status, which a person may set. GUI's thread.
#pragma once

#include "console/gatewayclient.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QStackedWidget;

namespace takt::console {

class LeadPane final : public QWidget
{
    Q_OBJECT
public:
    LeadPane(GatewayClient &client, QWidget *parent);

    // 0: none.
    void setLead(qint64 id);

Q_SIGNALS:
    void changed(); // by the operator

private:
    void ask();
    void onLead(const QJsonObject &answer);
    void setStatus();

    GatewayClient &m_client;
    qint64 m_id = 0;
    QStackedWidget *m_whole;
    QLabel *m_title;
    QLabel *m_facts;
    QLineEdit *m_status;
    QLabel *m_notice;
    QPlainTextEdit *m_history;
};

} // namespace takt::console
