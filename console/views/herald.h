// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks to who does not look at the window, by the means that the desktop has. GUI's thread.
#pragma once

#include <QObject>

class QSystemTrayIcon;

namespace takt::console {

class Herald final : public QObject
{
    Q_OBJECT
public:
    explicit Herald(QWidget *window);

    // A notification of the desktop. Qt's own way is its tray icon, which some desktops do not have; notify-send speaks to
    // all of them.
    void notify(const QString &title, const QString &text);
    // The desktop's sound of warnings, else a beep.
    void sound();

private:
    QWidget *m_window;
    QSystemTrayIcon *m_tray = nullptr;
};

} // namespace takt::console
