// SPDX-License-Identifier: GPL-3.0-or-later
// All that can be done by the keyboard, in a list. GUI's thread.
#pragma once

#include <QDialog>

class QAction;

namespace takt::console {

class ShortcutsDialog final : public QDialog
{
    Q_OBJECT
public:
    // Those without a shortcut are left out.
    ShortcutsDialog(const QList<QAction *> &actions, QWidget *parent);
};

} // namespace takt::console
