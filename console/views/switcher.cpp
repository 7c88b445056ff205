// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/switcher.h"

#include "console/views/theme.h"

#include <QButtonGroup>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kDot = 9;
constexpr int kPadding = 12;

} // namespace

// A dot, a name, and a state below it.
class GatewayButton final : public QPushButton
{
public:
    explicit GatewayButton(QWidget *parent)
        : QPushButton(parent)
    {
        setProperty("role", u"nav"_s);
        setCheckable(true);
        setContextMenuPolicy(Qt::CustomContextMenu);
    }

    void setEntry(const Switcher::Entry &entry)
    {
        m_entry = entry;
        setAccessibleName(entry.name);
        setAccessibleDescription(entry.state);
        setToolTip(entry.tip);
        update();
    }

    [[nodiscard]] QSize sizeHint() const override
    {
        return {168, fontMetrics().height() + QFontMetrics(smallFont()).height() + 2 * Theme::kSpace};
    }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        QPushButton::paintEvent(event);
        const Theme theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const bool rightToLeft = layoutDirection() == Qt::RightToLeft;
        const int nameHeight = fontMetrics().height();
        const int top = (height() - nameHeight - QFontMetrics(smallFont()).height()) / 2;
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.tone(m_entry.tone));
        painter.drawEllipse(
            QRect(rightToLeft ? width() - kPadding - kDot : kPadding, top + (nameHeight - kDot) / 2 + 1, kDot, kDot));
        const int beside = kPadding + kDot + Theme::kSpace;
        QRect line(rightToLeft ? kPadding : beside, top, width() - beside - kPadding, nameHeight);
        const int alignment = int(Qt::AlignVCenter | Qt::AlignLeft)
                              | Qt::TextSingleLine; // turned round with the layout
        painter.setPen(theme.text);
        painter.drawText(line, alignment, fontMetrics().elidedText(m_entry.name, Qt::ElideRight, line.width()));
        painter.setFont(smallFont());
        line.moveTop(line.bottom());
        const bool loud = m_entry.tone == Tone::Warning || m_entry.tone == Tone::Bad;
        painter.setPen(loud ? theme.tone(m_entry.tone) : theme.muted);
        painter.drawText(line, alignment,
                         painter.fontMetrics().elidedText(m_entry.state, Qt::ElideRight, line.width()));
    }

private:
    Switcher::Entry m_entry;
};

Switcher::Switcher(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
    , m_group(new QButtonGroup(this))
{
    setObjectName(u"switcher"_s);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(Theme::kSpace / 2);
    auto *title = mutedLabel(tr("Gateways"), this);
    title->setFont(smallFont());
    title->setContentsMargins(kPadding, 0, kPadding, 0);
    alignToLanguage(title);
    m_layout->addWidget(title);
    connect(m_group, &QButtonGroup::idClicked, this, &Switcher::chosen);
}

void Switcher::setEntries(const QList<Entry> &entries, int current)
{
    while (m_buttons.size() > entries.size())
        delete m_buttons.takeLast();
    while (m_buttons.size() < entries.size())
        add();
    for (int i = 0; i < entries.size(); ++i) {
        m_buttons[i]->setEntry(entries[i]);
        m_buttons[i]->setChecked(i == current);
    }
}

void Switcher::add()
{
    const int number = int(m_buttons.size());
    auto *button = new GatewayButton(this);
    connect(button, &QWidget::customContextMenuRequested, this,
            [this, button, number](const QPoint &at) { Q_EMIT menuWanted(number, button->mapToGlobal(at)); });
    m_buttons << button;
    m_group->addButton(button, number);
    m_layout->addWidget(button);
}

} // namespace takt::console
