// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/confirmbutton.h"

#include <QFontMetrics>
#include <QStyle>

namespace takt::console {

ConfirmButton::ConfirmButton(const QString &text, const QString &question, QWidget *parent)
    : QPushButton(text, parent)
    , m_text(text)
    , m_question(question)
{
    // So wide that nothing moves when it asks.
    setMinimumWidth(std::max(fontMetrics().horizontalAdvance(text), fontMetrics().horizontalAdvance(question)) + 36);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &ConfirmButton::calm);
    connect(this, &QPushButton::clicked, this, &ConfirmButton::onClicked);
}

void ConfirmButton::onClicked()
{
    const bool sure = m_asking;
    setAsking(!sure);
    if (sure)
        Q_EMIT confirmed();
}

void ConfirmButton::calm()
{
    setAsking(false);
}

void ConfirmButton::setAsking(bool asking)
{
    m_asking = asking;
    asking ? m_patience.start(kPatienceMs) : m_patience.stop();
    setText(asking ? m_question : m_text);
    setProperty("role", asking ? QStringLiteral("danger") : QString());
    style()->unpolish(this);
    style()->polish(this);
}

} // namespace takt::console
