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
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("TX thread");
    case P50: return tr("Median");
    case P99: return tr("p99", "99th percentile");
    case P999: return tr("p99.9", "99.9th percentile");
    case Max: return tr("Latest", "maximum of lateness");
    case Slots: return tr("Slots", "frames' places in time that were served within a second");
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
                              point.served};
    if (role == kSortRole)
        return numbers[index.column()];
    if (role == kSearchRole)
        return point.span;
    if (role == Qt::TextAlignmentRole)
        return headerData(index.column(), Qt::Horizontal, role);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Name:
        return point.span == "worker"_L1 ? Words::leftToRight(u"tx-%1"_s.arg(point.worker)) : Words::time(point.atMs);
    case Slots: return Words::number(point.served);
    default: return Words::lateness(numbers[index.column()]);
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
