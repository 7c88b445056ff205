// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/flightsmodel.h"

#include "console/models/words.h"

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

int FlightsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant FlightsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment((section == Duration ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case At: return tr("Time");
    case Call: return tr("Call");
    case Why: return tr("Cause", "of a stall");
    case Duration: return tr("Length", "of a stall");
    case Record: return tr("Flight record");
    default: return {};
    }
}

QVariant FlightsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const FlightEntry &entry = m_entries[index.row()];
    const bool stall = entry.reason == name(FlightReason::Stall);
    if (role == kKeyRole)
        return key(index.row());
    if (role == kSortRole && index.column() == At)
        return key(index.row()).toLongLong(); // as they came
    if (role == kSortRole && index.column() == Duration)
        return entry.durationMs;
    if (role == kToneRole)
        return int(index.column() == Record ? Tone::Muted : Tone::Plain);
    if (role == kDotRole && index.column() == Why)
        return int(entry.reason == name(FlightReason::Asked) ? Tone::Muted : Tone::Bad);
    if (role == Qt::TextAlignmentRole)
        return headerData(index.column(), Qt::Horizontal, role);
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (index.column()) {
    case At: return Words::dateAndTime(entry.atMs);
    case Call: return Words::leftToRight(entry.callSid);
    case Why: return stall ? Words::stallCause(entry.cause) : Words::flightReason(entry.reason);
    case Duration: return stall ? Words::milliseconds(entry.durationMs) : QString();
    case Record: return entry.name.isEmpty() ? tr("none: another one was just written") : tr("Enter opens it");
    default: return {};
    }
}

void FlightsModel::decode(int row, bool isNew)
{
    if (isNew)
        m_entries.append(FlightEntry());
    m_entries[row] = FlightEntry::fromJson(facts(row));
}

void FlightsModel::forget(int row)
{
    m_entries.removeAt(row);
}

void FlightsModel::forgetAll()
{
    m_entries.clear();
}

} // namespace takt::console
