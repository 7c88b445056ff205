// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/emptystate.h"

#include "console/views/theme.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace takt::console {

EmptyState::EmptyState(QAbstractItemView *view, const QString &title, const QString &hint)
    : QWidget(view->viewport())
    , m_view(view)
    , m_title(new QLabel(this))
    , m_hint(mutedLabel({}, this))
{
    m_title->setFont(titleFont());
    for (QLabel *label : {m_title, m_hint}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(Theme::kSpace);
    layout->addStretch(2);
    layout->addWidget(m_title);
    layout->addWidget(m_hint);
    layout->addStretch(3);
    setTexts(title, hint);
    view->viewport()->installEventFilter(this);
    const QAbstractItemModel *model = view->model();
    connect(model, &QAbstractItemModel::rowsInserted, this, &EmptyState::look);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &EmptyState::look);
    connect(model, &QAbstractItemModel::modelReset, this, &EmptyState::look);
    look();
}

void EmptyState::setTexts(const QString &title, const QString &hint)
{
    m_title->setText(title);
    m_hint->setText(hint);
}

bool EmptyState::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        look();
    return QWidget::eventFilter(watched, event);
}

void EmptyState::look()
{
    const QRect area = m_view->viewport()->rect();
    const int width = std::min(area.width(), 440);
    setGeometry((area.width() - width) / 2, 0, width, area.height());
    setVisible(m_view->model()->rowCount() == 0);
}

} // namespace takt::console
