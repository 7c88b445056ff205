// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/tile.h"

#include "console/views/theme.h"

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace takt::console {

Tile::Tile(const QString &name, QWidget *parent)
    : QWidget(parent)
    , m_value(new QLabel(QStringLiteral("–"), this))
{
    auto *label = mutedLabel(name, this);
    label->setFont(smallFont());
    alignToLanguage(label);
    QFont big = titleFont();
    big.setWeight(QFont::Normal);
    m_value->setFont(big);
    alignToLanguage(m_value);
    m_value->setAccessibleName(name);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_value);
    layout->addWidget(label);
}

void Tile::setValue(const QString &value, Tone tone)
{
    m_value->setText(value.isEmpty() ? QStringLiteral("–") : value);
    if (std::exchange(m_tone, tone) != tone)
        colour();
}

void Tile::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_tone != Tone::Plain)
        colour();
}

void Tile::colour()
{
    QPalette colours = m_value->palette();
    const QColor wanted = Theme::current().tone(m_tone);
    if (colours.color(QPalette::WindowText) == wanted)
        return;
    colours.setColor(QPalette::WindowText, wanted);
    m_value->setPalette(colours);
}

} // namespace takt::console
