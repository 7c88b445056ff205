// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/historymodel.h"

#include "console/models/topicmodel.h"
#include "console/models/words.h"
#include "shared/controlprotocol.h"

#include <QJsonArray>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

HistoryModel::HistoryModel(GatewayClient &client, QObject *parent)
    : QAbstractTableModel(parent)
    , m_client(client)
{
}

void HistoryModel::search(const QString &text)
{
    beginResetModel();
    m_calls.clear();
    m_text = text;
    m_complete = false;
    m_asking = false;
    ++m_question;
    endResetModel();
    fetchMore({});
}

bool HistoryModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_complete && !m_asking;
}

void HistoryModel::fetchMore(const QModelIndex &parent)
{
    if (!canFetchMore(parent))
        return;
    m_asking = true;
    QJsonObject parameters{{"text"_L1, m_text}, {"limit"_L1, kPage}};
    if (!m_calls.isEmpty()) {
        parameters.insert("before_ms"_L1, m_calls.back().startedAtMs);
        parameters.insert("before_sid"_L1, m_calls.back().callSid);
    }
    m_client.ask(control::kHistory, parameters, this, [this, question = m_question](const Result<QJsonObject> &answer) {
        if (question != m_question)
            return;
        m_asking = false;
        m_problem = answer ? QString() : answer.error();
        if (answer)
            add(*answer);
        else
            m_complete = true; // until somebody searches anew
        Q_EMIT answered();
    });
}

void HistoryModel::add(const QJsonObject &answer)
{
    const QJsonArray list = answer["calls"_L1].toArray();
    m_complete = list.size() < kPage;
    if (list.isEmpty())
        return;
    beginInsertRows({}, int(m_calls.size()), int(m_calls.size() + list.size()) - 1);
    for (const QJsonValue &call : list)
        m_calls << CallRecord::fromJson(call.toObject());
    endInsertRows();
}

int HistoryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_calls.size());
}

int HistoryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(
            (section == Duration || section >= Interruptions ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Began: return tr("Began", "column: when a call began");
    case Caller: return tr("Caller");
    case Direction: return tr("Way", "column: did they call us, or we them");
    case Business: return tr("Business");
    case Duration: return tr("Time", "column: duration of a call");
    case End: return tr("How it ended");
    case Interruptions: return tr("Cuts", "column: interruptions");
    case WorstLate: return tr("Worst", "column: worst lateness");
    case Costs: return tr("Cost");
    default: return {};
    }
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CallRecord &call = m_calls[index.row()];
    switch (role) {
    case Qt::DisplayRole: return text(call, index.column());
    case Qt::TextAlignmentRole: return headerData(index.column(), Qt::Horizontal, role);
    case TopicModel::kKeyRole: return call.callSid;
    case TopicModel::kToneRole:
        return int(index.column() == Caller || index.column() == Began ? Tone::Plain : Tone::Muted);
    default: return {};
    }
}

QString HistoryModel::text(const CallRecord &call, int column) const
{
    switch (column) {
    case Began: return Words::dateAndTime(call.startedAtMs);
    case Caller: return Words::caller(call.direction == "outbound"_L1 ? call.to : call.from);
    case Direction: return Words::direction(call.direction);
    case Business: return call.business;
    case Duration: return call.endedAtMs > 0 ? Words::clock(call.endedAtMs - call.startedAtMs) : QString();
    case End:
        return call.endedAtMs > 0 ? Words::endReason(call.endReason) : tr("goes on", "of a call that is not over");
    case Interruptions: return call.interruptions > 0 ? Words::number(call.interruptions) : QString();
    case WorstLate: return call.worstLateUs > 0 ? Words::lateness(call.worstLateUs) : QString();
    case Costs: return Words::cost(call.cost, call.tokens);
    default: return {};
    }
}

} // namespace takt::console
