// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/ctlflight.h"

#include "shared/flightrecord.h"

#include <QDateTime>
#include <QJsonArray>

#include <algorithm>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kUsPerMs = 1000;
constexpr qint64 kGapUs = 40'000; // between frames: worth a line of its own
constexpr qint64 kFrameMs = 20;
constexpr qint64 kBytesPerMs = 8;

QString when(qint64 atMs)
{
    return QDateTime::fromMSecsSinceEpoch(atMs).toString(u"yyyy-MM-dd hh:mm:ss.zzz"_s);
}

QString why(const FlightEntry &entry)
{
    if (entry.reason != name(FlightReason::Stall))
        return entry.reason;
    return u"stall of %1 ms, %2"_s.arg(entry.durationMs).arg(entry.cause);
}

// Seconds before the record was written, with milliseconds.
QString before(qint64 untilUs, qint64 atUs)
{
    return u"%1 s"_s.arg(double(atUs - untilUs) / 1e6, 9, 'f', 3);
}

QString figures(const QJsonObject &facts)
{
    QStringList words;
    for (auto it = facts.begin(); it != facts.end(); ++it) {
        if (it.key() != "t_us"_L1 && it.key() != "what"_L1)
            words << it.key() + u' ' + it->toVariant().toString();
    }
    return words.join(u"  "_s);
}

// What comes many times a second: frames of one kind, 20 ms apart or less, and the model's pieces between them.
class Run
{
public:
    // False: the event is no part of the run.
    bool take(const FlightRecord::Event &event)
    {
        const bool frame = event.what == "sent"_L1 || event.what == "silent"_L1 || event.what == "full"_L1;
        const bool delta = event.what == "delta"_L1;
        if (!frame && !delta)
            return false;
        if (any() && event.atUs - m_lastUs > kGapUs)
            return false;
        if (frame && m_frames > 0 && event.what != m_what)
            return false;
        if (!any())
            *this = Run(event.atUs);
        m_lastUs = event.atUs;
        if (delta) {
            ++m_deltas;
            m_deltaBytes += event.figure("bytes"_L1);
            return true;
        }
        m_what = event.what;
        ++m_frames;
        m_worstLateUs = std::max(m_worstLateUs, event.figure("late_us"_L1));
        m_backlog = event.figure("backlog"_L1);
        return true;
    }
    QString end(qint64 untilUs)
    {
        QString text = before(untilUs, m_firstUs);
        if (m_frames > 0)
            text += u"  %1 x %2 within %3 ms"_s.arg(m_what).arg(m_frames).arg((m_lastUs - m_firstUs) / kUsPerMs);
        if (m_frames > 0 && m_what != "full"_L1)
            text += u"  worst late %1 ms"_s.arg(double(m_worstLateUs) / 1000.0, 0, 'f', 1);
        if (m_frames > 0)
            text += u"  backlog %1 ms"_s.arg(m_backlog * kFrameMs);
        if (m_deltas > 0)
            text += u"  delta x %1 with %2 ms"_s.arg(m_deltas).arg(m_deltaBytes / kBytesPerMs);
        *this = {};
        return text + u'\n';
    }
    [[nodiscard]] bool any() const { return m_frames + m_deltas > 0; }

    Run() = default;

private:
    explicit Run(qint64 atUs)
        : m_firstUs(atUs)
    {
    }

    QString m_what;
    int m_frames = 0;
    int m_deltas = 0;
    qint64 m_deltaBytes = 0;
    qint64 m_firstUs = 0;
    qint64 m_lastUs = 0;
    qint64 m_worstLateUs = 0;
    qint64 m_backlog = 0;
};

// Fifty a second as well, and between all others: in sum.
bool isCallersAudio(const FlightRecord::Event &event)
{
    return event.what == "media"_L1 && event.figure("hole_ms"_L1) == 0;
}

} // namespace

QString flightsText(const QJsonObject &result)
{
    const QJsonArray flights = result["flights"_L1].toArray();
    if (flights.isEmpty())
        return u"no stalls, and no flight records"_s;
    QStringList lines;
    for (const QJsonValue &flight : flights) {
        const FlightEntry entry = FlightEntry::fromJson(flight.toObject());
        lines << u"%1  %2  %3  %4"_s.arg(when(entry.atMs), entry.callSid, why(entry),
                                         entry.name.isEmpty() ? u"(no record)"_s : entry.name);
    }
    return lines.join(u'\n');
}

QString flightText(const QJsonObject &result)
{
    const auto record = FlightRecord::fromNdjson(result["ndjson"_L1].toString().toUtf8());
    if (!record)
        return record.error();
    QString text = u"%1  %2, %3\n"_s.arg(record->about.callSid, why(record->about), when(record->about.atMs));
    const auto callers = std::count_if(record->events.begin(), record->events.end(), isCallersAudio);
    text += u"%1 events of the last %2 s; %3 frames of the caller are not shown\n"_s.arg(record->events.size())
                .arg(double(record->untilUs - record->fromUs) / 1e6, 0, 'f', 1)
                .arg(callers);
    Run run;
    qint64 lastSentUs = -1;
    for (const FlightRecord::Event &event : record->events) {
        if (isCallersAudio(event))
            continue;
        const bool sent = event.what == "sent"_L1;
        const qint64 silentUs = sent && lastSentUs >= 0 ? event.atUs - lastSentUs : 0;
        lastSentUs = sent ? event.atUs : lastSentUs;
        if (silentUs <= kGapUs && run.any() && run.take(event))
            continue;
        if (run.any())
            text += run.end(record->untilUs);
        if (silentUs > kGapUs)
            text += u"%1  (no frame of speech for %2 ms)\n"_s.arg(QString(11, u' ')).arg(silentUs / kUsPerMs);
        if (!run.take(event))
            text += u"%1  %2  %3\n"_s.arg(before(record->untilUs, event.atUs), event.what, figures(event.facts));
    }
    if (run.any())
        text += run.end(record->untilUs);
    return text.trimmed();
}

} // namespace takt::control
