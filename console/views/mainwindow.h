// SPDX-License-Identifier: GPL-3.0-or-later
// The window: the pages' names and the gateways at the side, the desk of one gateway beside them, menus. GUI's thread.
#pragma once

#include "console/models/alarms.h"
#include "console/models/knowngateway.h"

#include <QMainWindow>

#include <functional>

class QMenu;
class QStackedWidget;

namespace takt::console {

class Desk;
class Sidebar;
class Switcher;

class MainWindow final : public QMainWindow
{
    Q_OBJECT
public:
    enum class Memory { None, Settings }; // where changes of the list of gateways are kept

    // There is always one gateway at least.
    MainWindow(const QList<KnownGateway> &gateways, Memory memory);

    [[nodiscard]] Desk &desk() const; // the one that is looked at
    [[nodiscard]] int gateways() const { return int(m_desks.size()); }
    void showGateway(int gateway);
    void addGateway(const KnownGateway &gateway);
    void showPage(int page);
    [[nodiscard]] static int pages();

Q_SIGNALS:
    // For who does not look at the window; as the operator has set it.
    void notification(const QString &title, const QString &text);
    void sound();

private:
    void addDesk(const KnownGateway &gateway);
    void buildActions();
    void buildGatewayMenu();
    void buildViewMenu();
    QAction *addChoice(QMenu *menu, const QString &text, const QString &setting, bool usual);
    QAction *addAction(QMenu *menu, const QString &text, const QKeySequence &shortcut, std::function<void()> act);
    void onChanged(); // something of a desk
    void onGateways();
    void onAlarm(const Desk &desk, Alarm kind, int count);
    void askForGateway();
    void editGateway();
    void forgetGateway();
    [[nodiscard]] QStringList socketsBut(const Desk *desk) const;
    void order(const QString &method);
    void closeEvent(QCloseEvent *event) override;

    const Memory m_memory;
    QList<Desk *> m_desks;
    Sidebar *m_sidebar;
    Switcher *m_switcher;
    QStackedWidget *m_stack;
    QMenu *m_gatewayMenu = nullptr; // what can be done with the gateway
    QMenu *m_choices = nullptr;     // which gateway
    QAction *m_notifies = nullptr;
    QAction *m_sounds = nullptr;
    int m_page = 0;
    Bell m_bell;
    QList<QAction *> m_actions;
};

} // namespace takt::console
