// SPDX-License-Identifier: GPL-3.0-or-later
// A button for what can hurt: the first click makes it ask, a second one soon after does it. GUI's thread.
#pragma once

#include <QPushButton>
#include <QTimer>

namespace takt::console {

class ConfirmButton final : public QPushButton
{
    Q_OBJECT
public:
    static constexpr int kPatienceMs = 4000;

    ConfirmButton(const QString &text, const QString &question, QWidget *parent);

    // Asks no more.
    void calm();

Q_SIGNALS:
    void confirmed();

private:
    void onClicked();
    void setAsking(bool asking);

    const QString m_text;
    const QString m_question;
    bool m_asking = false;
    QTimer m_patience;
};

} // namespace takt::console
