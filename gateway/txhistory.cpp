// SPDX-License-Identifier: GPL-3.0-or-later
#include "txhistory.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

qint64 microseconds(double milliseconds)
{
    return qint64(milliseconds * 1000);
}

QJsonObject percentiles(const media::LatenessHistogram::Snapshot &lateness)
{
    return {{"p50_us"_L1, microseconds(lateness.percentileMs(0.5))},
            {"p99_us"_L1, microseconds(lateness.percentileMs(0.99))},
            {"p999_us"_L1, microseconds(lateness.percentileMs(0.999))},
            {"max_us"_L1, microseconds(lateness.percentileMs(1))},
            {"slots"_L1, lateness.count}};
}

} // namespace

void TxHistory::Piece::add(const Piece &other)
{
    lateness.add(other.lateness);
    frames += other.frames;
    stalls += other.stalls;
    resyncs += other.resyncs;
    dropped += other.dropped;
    socketFull += other.socketFull;
}

QJsonObject TxHistory::Piece::toJson(const QString &span, qint64 atMs, int seconds) const
{
    QJsonObject json = percentiles(lateness);
    json.insert("span"_L1, span);
    json.insert("at_ms"_L1, atMs);
    json.insert("seconds"_L1, seconds);
    json.insert("frames"_L1, frames);
    json.insert("stalls"_L1, stalls);
    json.insert("resyncs"_L1, resyncs);
    json.insert("dropped"_L1, dropped);
    json.insert("socket_full"_L1, socketFull);
    return json;
}

TxHistory::Piece TxHistory::since(const Totals &totals) const
{
    Piece piece;
    for (const Lateness &worker : m_lastSecond)
        piece.lateness.add(worker);
    piece.frames = totals.frames - m_before.frames;
    piece.stalls = totals.stalls - m_before.stalls;
    piece.resyncs = totals.resyncs - m_before.resyncs;
    piece.dropped = totals.dropped - m_before.dropped;
    piece.socketFull = totals.socketFull - m_before.socketFull;
    return piece;
}

void TxHistory::add(qint64 nowMs, const Totals &totals)
{
    m_lastSecond.clear();
    for (std::size_t i = 0; i < totals.workers.size(); ++i)
        m_lastSecond.push_back(i < m_before.workers.size() ? totals.workers[i].minus(m_before.workers[i])
                                                           : totals.workers[i]);
    const Piece second = since(totals);
    m_before = totals;
    if (!std::exchange(m_begun, true))
        return; // that was no second
    for (Series &series : m_series) {
        series.gathering.add(second);
        if (++series.gathered < series.seconds)
            continue;
        series.points.push_back(
            {series.next++, series.gathering.toJson(QString::fromUtf16(series.span), nowMs, series.seconds)});
        if (series.points.size() > series.kept)
            series.points.pop_front();
        series.gathering = {};
        series.gathered = 0;
    }
}

QHash<QString, QJsonObject> TxHistory::rows() const
{
    QHash<QString, QJsonObject> rows;
    for (const Series &series : m_series) {
        for (const Point &point : series.points)
            rows.insert(u"%1/%2"_s.arg(QString::fromUtf16(series.span)).arg(point.number), point.facts);
    }
    for (std::size_t i = 0; i < m_lastSecond.size(); ++i) {
        QJsonObject worker = percentiles(m_lastSecond[i]);
        worker.insert("span"_L1, "worker"_L1);
        worker.insert("worker"_L1, int(i));
        rows.insert(u"worker/%1"_s.arg(i), worker);
    }
    return rows;
}

} // namespace takt
