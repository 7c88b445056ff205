// SPDX-License-Identifier: GPL-3.0-or-later
// What was said in a past call: as the recording has it, as it was heard live, or one beside the other. GUI's thread.
#pragma once

#include "console/models/callmodels.h"

#include <QJsonObject>
#include <QWidget>

class QLabel;

namespace takt::console {

class ConversationView;
class Segments;

class Transcripts final : public QWidget
{
    Q_OBJECT
public:
    explicit Transcripts(QWidget *parent);

    // As the method `record` answers.
    void setRecord(const QJsonObject &record);
    void clear();

private:
    // One of the two.
    struct Side {
        TurnsModel turns;
        ConversationView *list = nullptr;
    };
    void build(Side &side, const QString &title, const QString &name);
    void choose(int shown);

    Side m_recorded;
    Side m_live;
    Segments *m_choice;
    QLabel *m_source; // where there is nothing to choose
};

} // namespace takt::console
