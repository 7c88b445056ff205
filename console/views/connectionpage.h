// SPDX-License-Identifier: GPL-3.0-or-later
// While there is no gateway: where it is looked for, what to call it, and how to start one. GUI's thread.
#pragma once

#include "console/models/knowngateway.h"

#include <QWidget>

class QLabel;
class QLineEdit;

namespace takt::console {

class GatewayClient;

class ConnectionPage final : public QWidget
{
    Q_OBJECT
public:
    ConnectionPage(const GatewayClient &client, QWidget *parent);

    void setGateway(const KnownGateway &gateway);

Q_SIGNALS:
    // The operator wants this one, now.
    void chosen(const takt::console::KnownGateway &gateway);

private:
    void choose();
    void refresh();

    const GatewayClient &m_client;
    KnownGateway m_gateway;
    QLabel *m_title;
    QLabel *m_problem;
    QLineEdit *m_name;
    QLineEdit *m_path;
};

} // namespace takt::console
