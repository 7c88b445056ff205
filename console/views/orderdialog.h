// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for the one text that an order to a call needs, and lets nothing through that the gateway would refuse. GUI's thread.
#pragma once

#include <QDialog>

#include <functional>

class QLabel;
class QLineEdit;
class QPushButton;

namespace takt::console {

class OrderDialog final : public QDialog
{
    Q_OBJECT
public:
    struct Texts {
        QString title;
        QString explanation;
        QString field; // what is to be typed
        QString verb;  // on the button
    };
    // What a text lacks, for people; empty: nothing. A text that is empty is not complained about, and not sent.
    using Check = std::function<QString(const QString &)>;

    OrderDialog(const Texts &texts, Check check, QWidget *parent);

    [[nodiscard]] QString text() const;
    void setLeftToRight(); // of what is no language: numbers, addresses

private:
    void check();

    const Check m_check;
    QLineEdit *m_edit;
    QLabel *m_problem;
    QPushButton *m_send;
};

} // namespace takt::console
