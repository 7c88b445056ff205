// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/conversationview.h"

#include "console/models/filterproxy.h"
#include "console/views/turndelegate.h"

#include <QResizeEvent>

namespace takt::console {

ConversationView::ConversationView(TurnsModel &turns, const QString &name, QWidget *parent)
    : QListView(parent)
{
    setProperty("role", QStringLiteral("bare"));
    setObjectName(name);
    setModel(inOrder(&turns, this));
    setItemDelegate(new TurnDelegate(this));
    setSelectionMode(NoSelection);
    setVerticalScrollMode(ScrollPerPixel);
    setResizeMode(Adjust);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void ConversationView::resizeEvent(QResizeEvent *event)
{
    QListView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        scheduleDelayedItemsLayout();
}

} // namespace takt::console
