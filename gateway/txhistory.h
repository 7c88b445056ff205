// SPDX-License-Identifier: GPL-3.0-or-later
// How the beat was over the last minute, hour and day: told the totals once a second, it keeps points for plots. Pure;
// lives in the main thread.
#pragma once

#include "media/latenesshistogram.h"
#include "shared/topic.h"

#include <array>
#include <deque>
#include <vector>

namespace takt {

class TxHistory
{
public:
    using Lateness = media::LatenessHistogram::Snapshot;

    // Since the start of the process.
    struct Totals {
        std::vector<Lateness> workers;
        qint64 frames = 0;
        qint64 stalls = 0;
        qint64 resyncs = 0;    // slots later than a whole interval
        qint64 dropped = 0;    // frames
        qint64 socketFull = 0; // slots on which a carrier took nothing
    };

    void add(qint64 nowMs, const Totals &totals);
    // A row a point, "second/N", "minute/N" or "quarter/N", and one a worker, "worker/N".
    [[nodiscard]] QHash<QString, QJsonObject> rows() const;

private:
    // What came within some time.
    struct Piece {
        Lateness lateness;
        qint64 frames = 0;
        qint64 stalls = 0;
        qint64 resyncs = 0;
        qint64 dropped = 0;
        qint64 socketFull = 0;

        void add(const Piece &other);
        [[nodiscard]] QJsonObject toJson(const QString &span, qint64 atMs, int seconds) const;
    };
    struct Point {
        qint64 number = 0;
        QJsonObject facts;
    };
    struct Series {
        const char16_t *span;
        int seconds;      // of a point
        std::size_t kept; // points
        Piece gathering{};
        int gathered = 0; // seconds of it
        qint64 next = 0;
        std::deque<Point> points{};
    };

    [[nodiscard]] Piece since(const Totals &totals) const;

    Totals m_before;
    bool m_begun = false;
    std::vector<Lateness> m_lastSecond; // of each worker
    std::array<Series, 3> m_series{Series{u"second", 1, 60}, Series{u"minute", 60, 60}, Series{u"quarter", 900, 96}};
};

} // namespace takt
