// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/transcripts.h"

#include "console/views/conversationview.h"
#include "console/views/emptystate.h"
#include "console/views/segments.h"
#include "console/views/theme.h"

#include <QJsonArray>
#include <QLabel>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

enum Shown { Recorded, Live, Both };

void fill(TurnsModel &model, const QJsonArray &lines)
{
    TopicUpdate turns;
    turns.snapshot = true;
    for (int i = 0; i < lines.size(); ++i)
        turns.rows.insert(u"turn/%1"_s.arg(i),
                          CallTurn{i, lines[i]["speaker"_L1].toString(), lines[i]["text"_L1].toString(),
                                   lines[i]["interrupted"_L1].toBool()}
                              .toJson());
    model.apply(turns);
}

} // namespace

Transcripts::Transcripts(QWidget *parent)
    : QWidget(parent)
    , m_choice(new Segments({tr("From the recording", "a transcript"), tr("As heard live", "a transcript"),
                             tr("Both", "both transcripts, side by side")},
                            this))
    , m_source(mutedLabel({}, this))
{
    m_choice->setObjectName(u"transcripts"_s);
    build(m_recorded, tr("From the recording", "a transcript"), u"recorded"_s);
    build(m_live, tr("As heard live", "a transcript"), u"live"_s);
    connect(m_choice, &Segments::chosen, this, &Transcripts::choose);
    auto *sides = new QHBoxLayout;
    sides->setSpacing(Theme::kSpace);
    sides->addWidget(m_recorded.list, 1);
    sides->addWidget(m_live.list, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_choice);
    layout->addWidget(m_source);
    layout->addLayout(sides, 1);
    choose(Recorded);
}

void Transcripts::build(Side &side, const QString &title, const QString &name)
{
    side.list = new ConversationView(side.turns, name, this);
    side.list->setAccessibleName(title);
    new EmptyState(side.list, tr("No words on record"), tr("Nobody spoke, or the transcript is still to come."));
}

void Transcripts::setRecord(const QJsonObject &record)
{
    const bool recorded = record["transcript_source"_L1].toString() == "recording"_L1;
    const QJsonArray best = record["transcript"_L1].toArray();
    // A gateway of before tells the better one alone.
    const QJsonArray live = record.contains("live_transcript"_L1) ? record["live_transcript"_L1].toArray()
                            : recorded                            ? QJsonArray()
                                                                  : best;
    fill(m_recorded.turns, recorded ? best : QJsonArray());
    fill(m_live.turns, live);
    const bool choice = recorded && !live.isEmpty();
    m_choice->setVisible(choice);
    m_source->setVisible(!choice && !(best.isEmpty() && live.isEmpty()));
    m_source->setText(recorded ? tr("Transcript, from the recording") : tr("Transcript, as it was heard live"));
    choose(choice ? m_choice->current() : recorded ? Recorded : Live);
}

void Transcripts::clear()
{
    setRecord({});
}

void Transcripts::choose(int shown)
{
    m_recorded.list->setVisible(shown != Live);
    m_live.list->setVisible(shown != Recorded);
}

} // namespace takt::console
