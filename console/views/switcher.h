// SPDX-License-Identifier: GPL-3.0-or-later
// The gateways, one under the other, each with how it is; one of them is looked at. GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace takt::console {

class GatewayButton;

class Switcher final : public QWidget
{
    Q_OBJECT
public:
    struct Entry {
        QString name;
        QString state; // in a word or two
        QString tip;
        Tone tone = Tone::Muted;
    };

    explicit Switcher(QWidget *parent);

    void setEntries(const QList<Entry> &entries, int current);

Q_SIGNALS:
    void chosen(int gateway);
    void menuWanted(int gateway, const QPoint &globalAt);

private:
    void add();

    QVBoxLayout *m_layout;
    QButtonGroup *m_group;
    QList<GatewayButton *> m_buttons;
};

} // namespace takt::console
