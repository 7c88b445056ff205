// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/verdictbanner.h"

#include "console/views/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace takt::console {

namespace {

constexpr int kDot = 14;

} // namespace

VerdictBanner::VerdictBanner(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_detail(mutedLabel({}, this))
    , m_gateway(mutedLabel({}, this))
{
    setObjectName(QStringLiteral("verdict"));
    QFont font = titleFont();
    font.setPointSizeF(font.pointSizeF() * 1.2);
    m_title->setFont(font);
    m_detail->setWordWrap(true);
    m_gateway->setFont(smallFont());
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * Theme::kSpace, Theme::kSpace, 2 * Theme::kSpace, Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addSpacing(kDot + 2 * Theme::kSpace); // of the dot, on whichever side lines begin
    layout->addWidget(m_title);
    layout->addWidget(m_detail, 1);
    layout->addWidget(m_gateway);
    setMinimumHeight(56);
}

void VerdictBanner::setVerdict(const Verdict &verdict)
{
    if (verdict == m_verdict)
        return;
    m_verdict = verdict;
    m_title->setText(verdict.title);
    m_detail->setText(verdict.detail);
    setAccessibleName(verdict.title);
    setAccessibleDescription(verdict.detail);
    colour();
}

void VerdictBanner::setGateway(const QString &text)
{
    m_gateway->setText(text);
}

void VerdictBanner::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colour();
}

void VerdictBanner::colour()
{
    QPalette colours = m_title->palette();
    const QColor wanted = Theme::current().tone(m_verdict.tone == Tone::Muted ? Tone::Plain : m_verdict.tone);
    if (colours.color(QPalette::WindowText) != wanted) {
        colours.setColor(QPalette::WindowText, wanted);
        m_title->setPalette(colours);
    }
    update();
}

void VerdictBanner::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool loud = m_verdict.tone == Tone::Bad || m_verdict.tone == Tone::Warning;
    painter.setPen(QPen(loud ? theme.tint(m_verdict.tone, 0.45) : theme.line, 1));
    painter.setBrush(loud ? theme.tint(m_verdict.tone, 0.10) : theme.card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    const int margin = 2 * Theme::kSpace;
    const int left = layoutDirection() == Qt::RightToLeft ? width() - margin - kDot : margin;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.tone(m_verdict.tone));
    painter.drawEllipse(QRect(left, (height() - kDot) / 2, kDot, kDot));
}

} // namespace takt::console
