// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/txmodel.h"

#include "console/models/words.h"

#include <algorithm>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

TxPoint TxPoint::fromJson(const QJsonObject &json)
{
    TxPoint p;
    p.span = json["span"_L1].toString();
    p.atMs = json["at_ms"_L1].toInteger();
    p.seconds = json["seconds"_L1].toInt(1);
    p.worker = json["worker"_L1].toInt();
    p.served = json["slots"_L1].toInteger();
    p.frames = json["frames"_L1].toInteger();
    p.p50Us = json["p50_us"_L1].toInteger();
    p.p99Us = json["p99_us"_L1].toInteger();
    p.p999Us = json["p999_us"_L1].toInteger();
    p.maxUs = json["max_us"_L1].toInteger();
    p.stalls = json["stalls"_L1].toInteger();
    p.resyncs = json["resyncs"_L1].toInteger();
    p.dropped = json["dropped"_L1].toInteger();
    p.socketFull = json["socket_full"_L1].toInteger();
    p.underruns = json["underruns"_L1].toInteger();
    p.bursts = json["bursts"_L1].toInteger();
    p.leadMs = json["lead_ms"_L1].toInteger();
    p.number = json["number"_L1].toString();
    return p;
}

QList<TxPoint> TxModel::points(const QString &span) const
{
    QList<TxPoint> found;
    std::copy_if(m_points.cbegin(), m_points.cend(), std::back_inserter(found),
                 [&](const TxPoint &point) { return point.span == span; });
    std::sort(found.begin(), found.end(), [](const TxPoint &a, const TxPoint &b) { return a.atMs < b.atMs; });
    return found;
}

int TxModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant TxModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    if (role == Qt::ToolTipRole)
        return tip(section);
    switch (section) {
    case Name: return tr("Thread or call");
    case P50: return tr("Median");
    case P99: return tr("p99", "99th percentile");
    case P999: return tr("p99.9", "99.9th percentile");
    case Max: return tr("Latest", "maximum of lateness");
    case Slots: return tr("Slots", "frames' places in time that were served within a second");
    case Stalls: return tr("Stalls");
    case Underruns: return tr("Underruns");
    case Bursts: return tr("Bursts");
    case Full: return tr("Socket full");
    case Dropped: return tr("Dropped");
    case Lead: return tr("Lead", "how far audio may run ahead of real time");
    default: return {};
    }
}

QString TxModel::tip(int column)
{
    switch (column) {
    case Stalls: return tr("Ready audio that did not leave for more than 120 ms");
    case Underruns: return tr("The model's audio ran out in the middle of what it said");
    case Bursts: return tr("Frames that left within 9 ms of the one before");
    case Full: return tr("The carrier's socket had not taken what was sent before");
    case Dropped: return tr("Frames that the backlog had no room for");
    case Lead: return tr("How far speech may run ahead of real time now");
    default: return {};
    }
}

QVariant TxModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const TxPoint &point = m_points[index.row()];
    const qint64 numbers[] = {point.span == "worker"_L1 ? point.worker : point.atMs,
                              point.p50Us,
                              point.p99Us,
                              point.p999Us,
                              point.maxUs,
                              point.served,
                              point.stalls,
                              point.underruns,
                              point.bursts,
                              point.socketFull,
                              point.dropped,
                              point.leadMs};
    static_assert(std::size(numbers) == Columns);
    const qint64 number = numbers[index.column()];
    const bool isCall = point.span == "call"_L1;
    if (role == kSortRole)
        return isCall && index.column() == Name ? QVariant(point.number) : QVariant(number);
    if (role == kToneRole)
        return int(index.column() >= Stalls && index.column() <= Dropped && number > 0 ? Tone::Warning : Tone::Plain);
    if (role == kSearchRole)
        return point.span;
    if (role == Qt::TextAlignmentRole)
        return headerData(index.column(), Qt::Horizontal, role);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Name:
        return isCall                      ? Words::caller(point.number)
               : point.span == "worker"_L1 ? Words::leftToRight(u"tx-%1"_s.arg(point.worker))
                                           : Words::time(point.atMs);
    case P50:
    case P99:
    case P999:
    case Max: return Words::lateness(number);
    case Lead: return number == 0 ? QString() : Words::milliseconds(number);
    default: return Words::number(number);
    }
}

void TxModel::decode(int row, bool isNew)
{
    if (isNew)
        m_points.append(TxPoint());
    m_points[row] = TxPoint::fromJson(facts(row));
}

void TxModel::forget(int row)
{
    m_points.removeAt(row);
}

void TxModel::forgetAll()
{
    m_points.clear();
}

} // namespace takt::console
