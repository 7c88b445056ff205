// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/segments.h"

#include "console/views/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace takt::console {

Segments::Segments(const QStringList &names, QWidget *parent)
    : QWidget(parent)
    , m_buttons(new QButtonGroup(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::kSpace / 2);
    for (int i = 0; i < names.size(); ++i) {
        auto *button = new QPushButton(names[i], this);
        button->setProperty("role", QStringLiteral("segment"));
        button->setCheckable(true);
        button->setChecked(i == 0);
        m_buttons->addButton(button, i);
        layout->addWidget(button);
    }
    layout->addStretch();
    connect(m_buttons, &QButtonGroup::idClicked, this, &Segments::chosen);
}

void Segments::setName(int segment, const QString &name)
{
    m_buttons->button(segment)->setText(name);
}

void Segments::choose(int segment)
{
    m_buttons->button(segment)->click();
}

int Segments::current() const
{
    return m_buttons->checkedId();
}

} // namespace takt::console
