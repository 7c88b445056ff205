// SPDX-License-Identifier: GPL-3.0-or-later
// The top of every page: how things are, in big plain words, and to which gateway we talk. GUI's thread.
#pragma once

#include "console/models/verdict.h"

#include <QWidget>

class QLabel;

namespace takt::console {

class VerdictBanner final : public QWidget
{
    Q_OBJECT
public:
    explicit VerdictBanner(QWidget *parent);

    void setVerdict(const Verdict &verdict);
    void setGateway(const QString &text);
    [[nodiscard]] const Verdict &verdict() const { return m_verdict; }

private:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;
    void colour();

    Verdict m_verdict;
    QLabel *m_title;
    QLabel *m_detail;
    QLabel *m_gateway;
};

} // namespace takt::console
