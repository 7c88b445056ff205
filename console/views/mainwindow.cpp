// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/mainwindow.h"

#include "console/models/words.h"
#include "console/views/desk.h"
#include "console/views/gatewaydialog.h"
#include "console/views/page.h"
#include "console/views/shortcutsdialog.h"
#include "console/views/sidebar.h"
#include "console/views/switcher.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QCloseEvent>
#include <QDateTime>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kMostKeys = 9; // Alt+1 to Alt+9

} // namespace

MainWindow::MainWindow(const QList<KnownGateway> &gateways, Memory memory)
    : m_memory(memory)
    , m_sidebar(new Sidebar(this))
    , m_switcher(new Switcher(this))
    , m_stack(new QStackedWidget(this))
{
    setWindowTitle(tr("Takt console"));
    auto *whole = new QWidget(this);
    setCentralWidget(whole);
    auto *side = new QVBoxLayout;
    side->addWidget(m_sidebar, 1);
    side->addWidget(m_switcher);
    auto *layout = new QHBoxLayout(whole);
    layout->setContentsMargins(2 * Theme::kSpace, Theme::kSpace, 2 * Theme::kSpace, 2 * Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addLayout(side);
    layout->addWidget(m_stack, 1);
    const QStringList names = Desk::pageNames();
    for (const QString &name : names)
        m_sidebar->addPage(name);
    m_switcher->setFixedWidth(m_sidebar->width());
    connect(m_sidebar, &Sidebar::chosen, this, &MainWindow::showPage);
    connect(m_switcher, &Switcher::chosen, this, &MainWindow::showGateway);
    connect(m_switcher, &Switcher::menuWanted, this, [this](int gateway, const QPoint &at) {
        showGateway(gateway);
        m_gatewayMenu->popup(at);
    });
    buildActions();
    for (const KnownGateway &gateway : gateways)
        addDesk(gateway);
    onGateways();
    showGateway(0);
    resize(1440, 860);
    restoreGeometry(QSettings().value(u"window"_s).toByteArray());
}

Desk &MainWindow::desk() const
{
    return *m_desks[m_stack->currentIndex()];
}

int MainWindow::pages()
{
    return int(Desk::pageNames().size());
}

void MainWindow::addGateway(const KnownGateway &gateway)
{
    addDesk(gateway);
    onGateways();
}

void MainWindow::addDesk(const KnownGateway &gateway)
{
    auto *desk = new Desk(gateway, m_stack);
    m_desks << desk;
    m_stack->addWidget(desk);
    connect(desk, &Desk::changed, this, &MainWindow::onChanged);
    connect(desk, &Desk::edited, this, &MainWindow::onGateways);
    connect(desk, &Desk::alarm, this, [this, desk](Alarm kind, int count) { onAlarm(*desk, kind, count); });
}

void MainWindow::showGateway(int gateway)
{
    m_stack->setCurrentIndex(gateway);
    showPage(m_page); // the same of another gateway
    onChanged();
}

void MainWindow::showPage(int page)
{
    m_page = page;
    desk().showPage(page);
    m_sidebar->setCurrent(page);
}

QAction *MainWindow::addAction(QMenu *menu, const QString &text, const QKeySequence &shortcut,
                               std::function<void()> act)
{
    QAction *action = menu->addAction(text);
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, std::move(act));
    m_actions << action;
    return action;
}

void MainWindow::buildActions()
{
    m_gatewayMenu = menuBar()->addMenu(tr("&Gateway"));
    buildGatewayMenu();
    buildViewMenu();
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    addAction(help, tr("&Keyboard"), QKeySequence(Qt::Key_F1),
              [this] { ShortcutsDialog(m_actions + desk().pageActions() + m_choices->actions(), this).exec(); });
}

void MainWindow::buildGatewayMenu()
{
    QMenu *menu = m_gatewayMenu;
    addAction(menu, tr("&Drain: no new calls"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D), [this] {
        const auto sure = QMessageBox::question(
            this, tr("Drain the gateway?"),
            tr("It takes no new calls, and ends once the live ones are over. Callers "
               "hear the fallback."));
        if (sure == QMessageBox::Yes)
            order(control::kDrain);
    });
    addAction(menu, tr("&Take calls again"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T),
              [this] { order(control::kUndrain); });
    addAction(menu, tr("&Reconnect now"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] { desk().client().retryNow(); });
    menu->addSeparator();
    addAction(menu, tr("&Add a gateway…"), QKeySequence::New, [this] { askForGateway(); });
    addAction(menu, tr("&Name and socket…"), QKeySequence(Qt::Key_F2), [this] { editGateway(); });
    addAction(menu, tr("&Forget this gateway…"), {}, [this] { forgetGateway(); })->setObjectName(u"forget"_s);
    menu->addSeparator();
    addAction(menu, tr("&Quit"), QKeySequence::Quit, [this] { close(); });
}

void MainWindow::buildViewMenu()
{
    QMenu *view = menuBar()->addMenu(tr("&View"));
    const QStringList names = Desk::pageNames();
    for (int i = 0; i < names.size(); ++i)
        addAction(view, names[i], QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + i)), [this, i] { showPage(i); });
    view->addSeparator();
    addAction(view, tr("&Filter"), QKeySequence::Find, [this] { desk().page()->focusFilter(); });
    addAction(view, tr("&Copy IDs"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
              [this] { desk().page()->copyIds(); });
    view->addSeparator();
    m_notifies = addChoice(view, tr("&Notify of stalls and failed jobs"), u"notify"_s, true);
    m_sounds = addChoice(view, tr("&Sound for them"), u"sound"_s, false);
    view->addSeparator();
    m_choices = view->addMenu(tr("&Gateways"));
}

QAction *MainWindow::addChoice(QMenu *menu, const QString &text, const QString &setting, bool usual)
{
    QAction *action = menu->addAction(text);
    action->setObjectName(setting);
    action->setCheckable(true);
    action->setChecked(QSettings().value(setting, usual).toBool());
    connect(action, &QAction::toggled, this, [setting](bool on) { QSettings().setValue(setting, on); });
    return action;
}

// Who looks at a gateway sees it: the verdict stands above every page, and the failed jobs' number beside them.
void MainWindow::onAlarm(const Desk &from, Alarm kind, int count)
{
    const bool looking = isActiveWindow() && !isMinimized() && &from == &desk();
    if (looking || !(m_notifies->isChecked() || m_sounds->isChecked()))
        return;
    const int told = m_bell.ring(kind, count, QDateTime::currentMSecsSinceEpoch());
    if (told == 0)
        return;
    if (m_sounds->isChecked())
        Q_EMIT sound();
    if (!m_notifies->isChecked())
        return;
    if (kind == Alarm::Stall)
        Q_EMIT notification(tr("%1: the beat stalls", "%1 is a gateway").arg(from.gateway().title()),
                            tr("Callers waited for words that were ready, %n time(s).", nullptr, told));
    else
        Q_EMIT notification(tr("%1: work has failed", "%1 is a gateway").arg(from.gateway().title()),
                            tr("%n job(s) used up all attempts.", nullptr, told));
}

void MainWindow::onChanged()
{
    for (int page = 0; page < pages(); ++page)
        m_sidebar->setCount(page, desk().isOpen() ? desk().count(page) : QString());
    m_sidebar->setPagesEnabled(desk().isOpen());
    QList<Switcher::Entry> entries;
    for (const Desk *each : std::as_const(m_desks))
        entries.append({each->gateway().title(), each->verdict().title, Words::leftToRight(each->gateway().socket),
                        each->verdict().tone});
    m_switcher->setEntries(entries, m_stack->currentIndex());
}

// Another one, another name, or one less.
void MainWindow::onGateways()
{
    m_choices->clear();
    QList<KnownGateway> known;
    for (int i = 0; i < m_desks.size(); ++i) {
        known << m_desks[i]->gateway();
        QAction *action = m_choices->addAction(known.back().title(), this, [this, i] { showGateway(i); });
        if (i < kMostKeys)
            action->setShortcut(QKeySequence(Qt::ALT | Qt::Key(Qt::Key_1 + i)));
    }
    if (m_memory == Memory::Settings)
        remember(known);
    onChanged();
}

QStringList MainWindow::socketsBut(const Desk *but) const
{
    QStringList sockets;
    for (const Desk *each : m_desks) {
        if (each != but)
            sockets << each->gateway().socket;
    }
    return sockets;
}

void MainWindow::askForGateway()
{
    GatewayDialog dialog(tr("Add a gateway"), {}, socketsBut(nullptr), this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    addGateway(dialog.gateway());
    showGateway(gateways() - 1);
}

void MainWindow::editGateway()
{
    GatewayDialog dialog(tr("Name and socket"), desk().gateway(), socketsBut(&desk()), this);
    if (dialog.exec() == QDialog::Accepted)
        desk().setGateway(dialog.gateway());
}

void MainWindow::forgetGateway()
{
    if (gateways() == 1) { // a window shows something
        QMessageBox::information(this, tr("Forget this gateway"), tr("It is the only one that is known."));
        return;
    }
    Desk *gone = &desk();
    const auto sure = QMessageBox::question(
        this, tr("Forget this gateway?"),
        tr("%1 goes on as before; it is only not shown here any more.").arg(gone->gateway().title()));
    if (sure != QMessageBox::Yes)
        return;
    m_desks.removeOne(gone);
    m_stack->removeWidget(gone);
    delete gone;
    onGateways();
    showGateway(m_stack->currentIndex());
}

void MainWindow::order(const QString &method)
{
    desk().client().ask(method, {}, this, [this](const Result<QJsonObject> &result) {
        if (!result)
            QMessageBox::warning(this, tr("The gateway says no"), result.error());
    });
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    desk().rememberLayout();
    QSettings().setValue(u"window"_s, saveGeometry());
    QMainWindow::closeEvent(event);
}

} // namespace takt::console
