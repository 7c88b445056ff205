// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/shortcutsdialog.h"

#include "console/models/words.h"
#include "console/views/theme.h"

#include <QAction>
#include <QGridLayout>
#include <QLabel>

namespace takt::console {

ShortcutsDialog::ShortcutsDialog(const QList<QAction *> &actions, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keyboard"));
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(3 * Theme::kSpace, 3 * Theme::kSpace, 3 * Theme::kSpace, 3 * Theme::kSpace);
    grid->setHorizontalSpacing(5 * Theme::kSpace);
    grid->setVerticalSpacing(Theme::kSpace);
    int row = 0;
    for (const QAction *action : actions) {
        if (action->shortcut().isEmpty())
            continue;
        grid->addWidget(new QLabel(action->text().remove(u'&'), this), row, 0);
        grid->addWidget(mutedLabel(Words::leftToRight(action->shortcut().toString(QKeySequence::NativeText)), this),
                        row++, 1);
    }
    grid->addWidget(mutedLabel(tr("In tables: arrows move, Enter opens, letters search the first column."), this), row,
                    0, 1, 2);
}

} // namespace takt::console
