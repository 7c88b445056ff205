// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/sidebar.h"

#include "console/views/theme.h"

#include <QButtonGroup>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

Sidebar::Sidebar(QWidget *parent)
    : QWidget(parent)
    , m_buttons(new QButtonGroup(this))
    , m_layout(new QVBoxLayout(this))
{
    setObjectName(u"sidebar"_s);
    auto *name = new QLabel(u"Takt"_s, this); // a name, the same in every language
    name->setFont(titleFont());
    alignToLanguage(name);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(Theme::kSpace / 2);
    name->setContentsMargins(12, Theme::kSpace, 12, Theme::kSpace);
    m_layout->addWidget(name);
    m_layout->addSpacing(Theme::kSpace);
    m_layout->addStretch();
    connect(m_buttons, &QButtonGroup::idClicked, this, &Sidebar::chosen);
}

void Sidebar::addPage(const QString &name)
{
    auto *button = new QPushButton(this);
    button->setProperty("role", u"nav"_s);
    button->setCheckable(true);
    button->setAccessibleName(name);
    button->setMinimumHeight(38);
    auto *row = new QHBoxLayout(button);
    row->setContentsMargins(12, 0, 12, 0);
    auto *text = new QLabel(name, button);
    auto *count = mutedLabel({}, button);
    for (QLabel *label : {text, count})
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
    row->addWidget(text);
    row->addStretch();
    row->addWidget(count);
    m_buttons->addButton(button, int(m_counts.size()));
    m_counts << count;
    m_layout->insertWidget(m_layout->count() - 1, button);
    int width = 168;
    width = std::max(width, text->sizeHint().width() + 24 + 56);
    setFixedWidth(std::max(minimumWidth(), width));
}

void Sidebar::setCount(int page, const QString &count)
{
    m_counts[page]->setText(count);
}

void Sidebar::setPagesEnabled(bool enabled)
{
    const auto buttons = m_buttons->buttons();
    for (QAbstractButton *button : buttons)
        button->setEnabled(enabled);
}

void Sidebar::setCurrent(int page)
{
    m_buttons->button(page)->setChecked(true);
}

} // namespace takt::console
