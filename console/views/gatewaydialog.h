// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for a gateway's name and socket. GUI's thread.
#pragma once

#include "console/models/knowngateway.h"

#include <QDialog>

class QLineEdit;

namespace takt::console {

class GatewayDialog final : public QDialog
{
    Q_OBJECT
public:
    // `taken`: sockets of other gateways, which it can't be.
    GatewayDialog(const QString &title, const KnownGateway &gateway, const QStringList &taken, QWidget *parent);

    [[nodiscard]] KnownGateway gateway() const;

private:
    QLineEdit *m_name;
    QLineEdit *m_socket;
};

} // namespace takt::console
