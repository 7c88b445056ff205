// SPDX-License-Identifier: GPL-3.0-or-later
// One figure with its name under it. GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

#include <QWidget>

class QLabel;

namespace takt::console {

class Tile final : public QWidget
{
    Q_OBJECT
public:
    Tile(const QString &name, QWidget *parent);

    void setValue(const QString &value, Tone tone = Tone::Plain);

private:
    void changeEvent(QEvent *event) override;
    void colour();

    QLabel *m_value;
    Tone m_tone = Tone::Plain;
};

} // namespace takt::console
