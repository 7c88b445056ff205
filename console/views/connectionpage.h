// SPDX-License-Identifier: GPL-3.0-or-later
// Before there is a gateway: where it is looked for, and how to start one. GUI's thread.
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;

namespace takt::console {

class GatewayClient;

class ConnectionPage final : public QWidget
{
    Q_OBJECT
public:
    ConnectionPage(GatewayClient &client, QWidget *parent);

private:
    void refresh();

    GatewayClient &m_client;
    QLabel *m_title;
    QLabel *m_problem;
    QLineEdit *m_path;
};

} // namespace takt::console
