// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator can order of the live call that is looked at: actions for buttons, menus and keys, with the dialogs that
// they need. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "shared/callsnapshot.h"

#include <QObject>

class QAction;
class QPushButton;
class QWidget;

namespace takt::console {

class OrderDialog;

class CallOrders final : public QObject
{
    Q_OBJECT
public:
    // `window`: over which the dialogs stand.
    CallOrders(GatewayClient &client, QWidget *window);

    // The call as it is; `live` false: there is nothing to order.
    void setCall(const CallSnapshot &call, bool live);

    [[nodiscard]] QAction *transfer() const { return m_transfer; }
    [[nodiscard]] QAction *say() const { return m_say; }
    [[nodiscard]] QAction *mute() const { return m_mute; }
    [[nodiscard]] QList<QAction *> all() const { return {m_transfer, m_say, m_mute}; }

    // A button that does what the action does, and says what it says.
    [[nodiscard]] static QPushButton *buttonFor(QAction *action, QWidget *parent);

Q_SIGNALS:
    // What came of an order, for people.
    void told(const QString &text);

private:
    void askWhereTo();
    void askWhatToSay();
    void order(const QString &method, const QString &callSid, QJsonObject parameters, const QString &done);
    void show(OrderDialog *dialog, const std::function<void(const QString &)> &then);

    GatewayClient &m_client;
    QWidget *m_window;
    QString m_callSid;
    bool m_muted = false;
    QAction *m_transfer;
    QAction *m_say;
    QAction *m_mute;
    QPointer<OrderDialog> m_dialog;
};

} // namespace takt::console
