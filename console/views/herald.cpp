// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/herald.h"

#include <QApplication>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QStyle>
#include <QSystemTrayIcon>
#include <QWidget>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

// False: it is not installed.
bool run(const QString &program, const QStringList &arguments)
{
    const QString path = QStandardPaths::findExecutable(program);
    return !path.isEmpty() && QProcess::startDetached(path, arguments);
}

} // namespace

Herald::Herald(QWidget *window)
    : QObject(window)
    , m_window(window)
{
}

void Herald::notify(const QString &title, const QString &text)
{
    QApplication::alert(m_window);
    if (run(u"notify-send"_s, {u"--app-name=Takt"_s, u"--icon=dialog-warning"_s, u"--"_s, title, text}))
        return;
    if (!QSystemTrayIcon::isSystemTrayAvailable())
        return;
    if (m_tray == nullptr)
        m_tray = new QSystemTrayIcon(m_window->style()->standardIcon(QStyle::SP_MessageBoxWarning), this);
    m_tray->show();
    m_tray->showMessage(title, text, QSystemTrayIcon::Warning);
}

void Herald::sound()
{
    const QString file = u"/usr/share/sounds/freedesktop/stereo/dialog-warning.oga"_s;
    if (run(u"canberra-gtk-play"_s, {u"--id=dialog-warning"_s}))
        return;
    if (QFileInfo::exists(file) && (run(u"pw-play"_s, {file}) || run(u"paplay"_s, {file})))
        return;
    QApplication::beep();
}

} // namespace takt::console
