// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/callmodels.h"

#include "console/models/words.h"

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

Tone toneOf(const QString &what)
{
    if (what == "stall"_L1 || what == "model_lost"_L1 || what.endsWith("_failed"_L1))
        return Tone::Bad;
    if (what == "barge_in"_L1)
        return Tone::Accent;
    if (what == "say"_L1 || what == "mute"_L1 || what == "transfer"_L1)
        return Tone::Warning;
    return what == "model_ready"_L1 ? Tone::Good : Tone::Muted;
}

} // namespace

int TurnsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : 1;
}

QVariant TurnsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CallTurn &turn = m_turns[index.row()];
    switch (role) {
    case Qt::DisplayRole: return turn.text;
    case Qt::AccessibleTextRole: return QString(Words::speaker(turn.speaker) + u": "_s + turn.text);
    case kSortRole: return turn.position;
    case kIsAgentRole: return turn.speaker == "agent"_L1;
    case kInterruptedRole: return turn.interrupted;
    default: return {};
    }
}

void TurnsModel::decode(int row, bool isNew)
{
    if (isNew)
        m_turns.append(CallTurn());
    m_turns[row] = CallTurn::fromJson(facts(row));
}

void TurnsModel::forget(int row)
{
    m_turns.removeAt(row);
}

void TurnsModel::forgetAll()
{
    m_turns.clear();
}

void EventsModel::setStart(qint64 startedAtMs)
{
    m_startedAtMs = startedAtMs;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, At), index(rowCount() - 1, At));
}

int EventsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant EventsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CallEvent &event = m_events[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == What)
            return Words::event(event.what, event.detail);
        return m_startedAtMs > 0 ? Words::clock(event.atMs - m_startedAtMs) : Words::time(event.atMs);
    case Qt::ToolTipRole: return Words::event(event.what, event.detail); // it may be longer than the pane
    case kSortRole: return event.number;
    case kToneRole: return int(index.column() == At ? Tone::Muted : Tone::Plain);
    case kDotRole: return index.column() == What ? QVariant(int(toneOf(event.what))) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::Alignment((index.column() == At ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default: return {};
    }
}

void EventsModel::decode(int row, bool isNew)
{
    if (isNew)
        m_events.append(CallEvent());
    m_events[row] = CallEvent::fromJson(facts(row));
}

void EventsModel::forget(int row)
{
    m_events.removeAt(row);
}

void EventsModel::forgetAll()
{
    m_events.clear();
}

} // namespace takt::console
