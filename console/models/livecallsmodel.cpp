// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/livecallsmodel.h"

#include "console/models/words.h"

#include <QDateTime>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kLateUs = 5'000;      // worth a look
constexpr qint64 kTooLateUs = 20'000;  // a slot was missed
constexpr qint64 kSlowAnswerMs = 1500; // people begin to say "hello?"

Tone dotOf(const CallSnapshot &call)
{
    if (call.muted)
        return Tone::Warning;
    if (call.state == "talking"_L1 || call.state == "greeting"_L1)
        return Tone::Good;
    if (call.state == "interrupted"_L1)
        return Tone::Accent;
    return call.state == "draining"_L1 ? Tone::Bad : Tone::Muted;
}

} // namespace

QString LiveCallsModel::stateOf(const CallSnapshot &call)
{
    return call.muted ? tr("Muted", "state of a call: the caller hears nothing of the agent")
                      : Words::callState(call.state);
}

LiveCallsModel::LiveCallsModel(QObject *parent)
    : TopicModel(parent)
    , m_nowMs(QDateTime::currentMSecsSinceEpoch())
{
    connect(&m_seconds, &QTimer::timeout, this, [this] { onSecond(QDateTime::currentMSecsSinceEpoch()); });
    m_seconds.start(1000);
}

int LiveCallsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant LiveCallsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return hint(section, role);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case State: return tip ? tr("What the call is doing") : tr("State");
    case Direction: return tip ? tr("Who called whom") : tr("Way", "column: did they call us, or we them");
    case Caller: return tip ? tr("The other side's number") : tr("Caller");
    case Business: return tip ? tr("Whose agent answers") : tr("Business");
    case Duration: return tip ? tr("Since the stream began") : tr("Time", "column: duration of a call");
    case Speaking: return tip ? tr("Who is heard now") : tr("Speaks", "column: who is speaking");
    case Backlog: return tip ? tr("Audio that waits to be sent") : tr("Backlog");
    case WorstLate: return tip ? tr("The latest frame of the call") : tr("Worst", "column: worst lateness");
    case Interruptions:
        return tip ? tr("How often the caller interrupted the agent") : tr("Cuts", "column: interruptions");
    case Latency:
        return tip ? tr("From the caller's last word to the agent's first, the last time")
                   : tr("Answer", "column: latency");
    case CostSoFar:
        return tip ? tr("What the models cost so far; tokens where the settings name no price") : tr("Cost");
    default: return {};
    }
}

QVariant LiveCallsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CallSnapshot &call = m_calls[index.row()].snapshot;
    switch (role) {
    case Qt::DisplayRole: return text(call, index.column());
    case kSortRole: return sortKey(call, index.column());
    case kKeyRole: return key(index.row());
    case kToneRole: return int(tone(call, index.column()));
    case kDotRole: return index.column() == State ? QVariant(int(dotOf(call))) : QVariant();
    case kSearchRole:
        return QString(call.from + u' ' + call.to + u' ' + call.business + u' ' + call.callSid + u' ' + stateOf(call)
                       + u' ' + Words::speaker(call.speaking) + u' ' + call.lastText);
    default: return hint(index.column(), role);
    }
}

QVariant LiveCallsModel::hint(int column, int role) const
{
    if (role != Qt::TextAlignmentRole)
        return {};
    const bool isNumber = column == Duration || column >= Backlog;
    return QVariant::fromValue(Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QString LiveCallsModel::text(const CallSnapshot &call, int column) const
{
    switch (column) {
    case State: return stateOf(call);
    case Direction: return Words::direction(call.direction);
    case Caller: return Words::caller(call.direction == "outbound"_L1 ? call.to : call.from);
    case Business: return call.business;
    case Duration: return Words::clock(m_nowMs - call.startedAtMs);
    case Speaking: return Words::speaker(call.speaking);
    case Backlog: return call.backlogMs == 0 ? QString() : Words::milliseconds(call.backlogMs);
    case WorstLate: return Words::lateness(call.tx.worstLateUs);
    case Interruptions: return call.interruptions == 0 ? QString() : Words::number(call.interruptions);
    case Latency: return call.modelLatencyMs < 0 ? QString() : Words::milliseconds(call.modelLatencyMs);
    case CostSoFar: return Words::cost(call.cost, call.usage.tokens());
    default: return {};
    }
}

QVariant LiveCallsModel::sortKey(const CallSnapshot &call, int column) const
{
    switch (column) {
    case Duration: return -call.startedAtMs;
    case Backlog: return call.backlogMs;
    case WorstLate: return call.tx.worstLateUs;
    case Interruptions: return call.interruptions;
    case Latency: return call.modelLatencyMs;
    case CostSoFar: return call.cost ? call.cost->micros : call.usage.tokens();
    default: return text(call, column);
    }
}

Tone LiveCallsModel::tone(const CallSnapshot &call, int column) const
{
    switch (column) {
    case Direction:
    case Business: return Tone::Muted;
    case WorstLate:
        return call.tx.worstLateUs >= kTooLateUs ? Tone::Bad
               : call.tx.worstLateUs >= kLateUs  ? Tone::Warning
                                                 : Tone::Plain;
    case Latency: return call.modelLatencyMs >= kSlowAnswerMs ? Tone::Warning : Tone::Plain;
    case Speaking: return call.speaking == "caller"_L1 ? Tone::Accent : Tone::Plain;
    default: return Tone::Plain;
    }
}

void LiveCallsModel::onSecond(qint64 nowMs)
{
    m_nowMs = nowMs;
    for (Call &call : m_calls) {
        const qint64 sent = call.snapshot.tx.framesSent;
        if (call.framesBefore >= 0)
            call.samples.push_back({double(sent - call.framesBefore), double(call.snapshot.backlogMs)});
        if (call.samples.size() > kSamples)
            call.samples.pop_front();
        call.framesBefore = sent;
    }
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Duration), index(rowCount() - 1, Duration), {Qt::DisplayRole});
}

void LiveCallsModel::decode(int row, bool isNew)
{
    if (isNew)
        m_calls.append(Call());
    m_calls[row].snapshot = CallSnapshot::fromJson(facts(row));
}

void LiveCallsModel::forget(int row)
{
    m_calls.removeAt(row);
}

void LiveCallsModel::forgetAll()
{
    m_calls.clear();
}

} // namespace takt::console
