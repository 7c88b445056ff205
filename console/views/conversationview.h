// SPDX-License-Identifier: GPL-3.0-or-later
// What was said, as bubbles on two sides. GUI's thread.
#pragma once

#include "console/models/callmodels.h"

#include <QListView>

namespace takt::console {

class ConversationView final : public QListView
{
    Q_OBJECT
public:
    ConversationView(TurnsModel &turns, const QString &name, QWidget *parent);

protected:
    // Words wrap at the view's width, which Qt's own does not take for a reason to lay its items out anew.
    void resizeEvent(QResizeEvent *event) override;
};

} // namespace takt::console
