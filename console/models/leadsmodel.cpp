// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/leadsmodel.h"

#include "console/models/words.h"

#include <QJsonArray>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

// What has not changed stays, and with it the selection.
void LeadsModel::take(const QJsonObject &answer)
{
    TopicState now;
    const QJsonArray leads = answer["leads"_L1].toArray();
    for (const QJsonValue &lead : leads)
        now.rows.insert(QString::number(lead["id"_L1].toInteger()), lead.toObject());
    apply(difference(m_known, now));
    m_known = now;
}

int LeadsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant LeadsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment((section == Calls ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Name", "column: of a person");
    case Phone: return tr("Number", "column: of a telephone");
    case Business: return tr("Business");
    case Status: return tr("Status", "column: of a lead");
    case City: return tr("City");
    case Service: return tr("Service", "column: what a lead wants");
    case Calls: return tr("Calls", "column: how many");
    case Latest: return tr("Latest news", "column: when a lead has changed");
    default: return {};
    }
}

QVariant LeadsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const QJsonObject &lead = facts(index.row());
    const auto word = [&](QLatin1StringView name) { return lead[name].toString(); };
    if (role == Qt::TextAlignmentRole)
        return headerData(index.column(), Qt::Horizontal, role);
    if (role == kKeyRole)
        return key(index.row());
    if (role == kSearchRole)
        return QString(word("name"_L1) + u' ' + word("phone"_L1) + u' ' + word("business"_L1) + u' ' + word("status"_L1)
                       + u' ' + word("city"_L1) + u' ' + word("service"_L1));
    if (role == kToneRole)
        return int(index.column() <= Phone || index.column() == Status ? Tone::Plain : Tone::Muted);
    if (role == kSortRole && index.column() == Calls)
        return lead["calls"_L1].toInt();
    if (role == kSortRole && index.column() == Latest)
        return lead["updated_at_ms"_L1].toInteger();
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (index.column()) {
    case Name: return word("name"_L1);
    case Phone: return Words::caller(word("phone"_L1));
    case Business: return word("business"_L1);
    case Status: return word("status"_L1); // the business's own word
    case City: return word("city"_L1);
    case Service: return word("service"_L1);
    case Calls: return Words::number(lead["calls"_L1].toInt());
    case Latest: return Words::dateAndTime(lead["updated_at_ms"_L1].toInteger());
    default: return {};
    }
}

} // namespace takt::console
