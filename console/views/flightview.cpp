// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/flightview.h"

#include "console/models/words.h"
#include "console/views/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kSecondUs = 1'000'000;
constexpr qint64 kStallUs = 120'000;
constexpr double kLateUs = 20'000; // a whole slot: as high as a frame's line becomes
constexpr double kMostBytes = 4000;
constexpr double kSecondsText = 20; // half of what it takes

bool isMoment(const FlightRecord::Event &event)
{
    static const QStringList s_moments{u"clear"_s,         u"barge_in"_s,     u"stall"_s,      u"model_lost"_s,
                                       u"caller_speaks"_s, u"caller_stops"_s, u"response"_s,   u"dropped"_s,
                                       u"closed"_s,        u"model_ready"_s,  u"audio_done"_s, u"tool"_s};
    return s_moments.contains(event.what);
}

// What comes fifty times a second gives way to what is rare.
int rarity(const FlightRecord::Event &event)
{
    if (event.what == "sent"_L1 || event.what == "silent"_L1 || event.what == "media"_L1 || event.what == "second"_L1)
        return 0;
    return isMoment(event) || event.what == "stall_over"_L1 ? 2 : 1;
}

Tone toneOf(const QString &what)
{
    if (what == "stall"_L1 || what == "dropped"_L1 || what == "model_lost"_L1 || what == "closed"_L1)
        return Tone::Bad;
    return what == "barge_in"_L1 || what == "clear"_L1 ? Tone::Accent : Tone::Muted;
}

// A silence between two frames counts where more of an item was to come: no item ended, nothing was cleared. One that no
// frame ended does where a frame was owed: the socket was full, or the gateway saw a stall.
QList<FlightView::Span> silencesIn(const FlightRecord &record)
{
    QList<FlightView::Span> silences;
    qint64 lastUs = -1;
    bool owed = false;
    const auto noteUntil = [&](qint64 untilUs) {
        if (lastUs >= 0 && untilUs - lastUs > kStallUs)
            silences.append({lastUs, untilUs});
    };
    for (const FlightRecord::Event &event : record.events) {
        if (event.what == "sent"_L1) {
            noteUntil(event.atUs);
            lastUs = event.atUs;
            owed = false;
        } else if (event.what == "item_over"_L1) {
            lastUs = -1;
        } else if (event.what == "clear"_L1 || event.what == "closed"_L1) {
            if (owed)
                noteUntil(event.atUs);
            lastUs = -1;
        } else if (event.what == "full"_L1) {
            owed = true;
        } else if (event.what == "stall"_L1 && event.atUs - lastUs > kStallUs) { // sooner: of one that the frame ended
            owed = true;
        }
    }
    if (owed)
        noteUntil(record.untilUs);
    return silences;
}

} // namespace

FlightView::FlightView(QWidget *parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setAccessibleName(tr("Flight record"));
}

void FlightView::setRecord(const FlightRecord &record)
{
    m_record = record;
    m_silences = silencesIn(record);
    update();
}

QSize FlightView::sizeHint() const
{
    return {980, 420};
}

QSize FlightView::minimumSizeHint() const
{
    return {480, 300};
}

int FlightView::line() const
{
    return QFontMetrics(smallFont()).height();
}

QRectF FlightView::field(Track track) const
{
    static constexpr double kShares[] = {0.28, 0.28, 0.24, 0.2};
    const double top = line() + 6; // the moments' names
    const double whole = height() - top - line() - 8;
    double above = 0;
    for (int i = 0; i < track; ++i)
        above += kShares[i];
    const double gap = line() + 4;
    return {2, top + whole * above + gap, width() - 4.0, whole * kShares[track] - gap};
}

double FlightView::x(qint64 atUs) const
{
    const double span = std::max<double>(1, double(m_record.untilUs - m_record.fromUs));
    return 2 + (width() - 4) * double(atUs - m_record.fromUs) / span;
}

void FlightView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setLayoutDirection(Qt::LeftToRight); // time runs to the right in every language
    paintSilences(painter);
    paintNames(painter);
    paintFrames(painter);
    paintBacklog(painter);
    paintBytes(painter, Model, "delta"_L1, Tone::Accent);
    paintBytes(painter, Caller, "media"_L1, Tone::Muted);
    paintMoments(painter);
    paintSeconds(painter);
    if (m_mouseX >= 0)
        paintReading(painter);
}

void FlightView::paintNames(QPainter &painter) const
{
    const QString names[] = {tr("Frames to the caller; higher is later"), tr("Waiting to be sent"),
                             tr("From the model"), tr("From the caller")};
    const Theme theme = Theme::current();
    painter.setFont(smallFont());
    for (int i = 0; i < Tracks; ++i) {
        const QRectF area = field(Track(i));
        painter.setPen(theme.muted);
        const bool rightToLeft = layoutDirection() == Qt::RightToLeft;
        painter.drawText(QRectF(area.left(), area.top() - line() - 2, area.width(), line() + 2),
                         int((rightToLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), names[i]);
        painter.setPen(QPen(theme.line, 1));
        painter.drawLine(area.bottomLeft(), area.bottomRight());
    }
}

void FlightView::paintSilences(QPainter &painter) const
{
    QColor colour = Theme::current().bad;
    colour.setAlphaF(0.18F);
    for (const Span &span : m_silences)
        painter.fillRect(QRectF(QPointF(x(span.fromUs), 0), QPointF(x(span.untilUs), field(Caller).bottom())), colour);
}

// A line a frame, as high as it was late; slots at which the socket was full hang from above.
void FlightView::paintFrames(QPainter &painter) const
{
    const Theme theme = Theme::current();
    const QRectF area = field(Frames);
    for (const FlightRecord::Event &event : m_record.events) {
        const bool full = event.what == "full"_L1;
        if (!full && event.what != "sent"_L1)
            continue;
        const double late = std::min(1.0, double(event.figure("late_us"_L1)) / kLateUs);
        const double high = area.height() * (0.25 + 0.75 * late);
        painter.setPen(QPen(theme.tone(full ? Tone::Warning : late >= 1 ? Tone::Bad : Tone::Good), 1));
        const double at = x(event.atUs);
        if (full)
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.top() + area.height() * 0.4));
        else
            painter.drawLine(QPointF(at, area.bottom() - high), QPointF(at, area.bottom()));
    }
}

void FlightView::paintBacklog(QPainter &painter) const
{
    const QRectF area = field(Backlog);
    qint64 most = 50; // a second
    for (const FlightRecord::Event &event : m_record.events)
        most = std::max(most, event.figure("backlog"_L1));
    QPolygonF points;
    for (const FlightRecord::Event &event : m_record.events) {
        if (event.facts.contains("backlog"_L1))
            points << QPointF(x(event.atUs),
                              area.bottom() - area.height() * double(event.figure("backlog"_L1)) / double(most));
    }
    const Theme theme = Theme::current();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.tone(Tone::Accent), 1.6));
    painter.drawPolyline(points);
    painter.setPen(theme.muted);
    painter.drawText(QPointF(area.left(), area.top() + painter.fontMetrics().ascent()), Words::milliseconds(most * 20));
}

void FlightView::paintBytes(QPainter &painter, Track track, QLatin1StringView what, Tone tone) const
{
    const QRectF area = field(track);
    painter.setPen(QPen(Theme::current().tone(tone), track == Model ? 2 : 1));
    for (const FlightRecord::Event &event : m_record.events) {
        if (event.what != what)
            continue;
        const double share = std::sqrt(std::min(1.0, double(event.figure("bytes"_L1)) / kMostBytes));
        painter.drawLine(QPointF(x(event.atUs), area.bottom()),
                         QPointF(x(event.atUs), area.bottom() - area.height() * std::max(0.15, share)));
    }
}

// Through all tracks; named at the top where there is room.
void FlightView::paintMoments(QPainter &painter) const
{
    const Theme theme = Theme::current();
    painter.setFont(smallFont());
    double taken = 0;
    for (const FlightRecord::Event &event : m_record.events) {
        if (!isMoment(event))
            continue;
        const double at = x(event.atUs);
        painter.setPen(QPen(theme.tone(toneOf(event.what)), 1, Qt::DotLine));
        painter.drawLine(QPointF(at, line()), QPointF(at, field(Caller).bottom()));
        const QString name = Words::flight(event.what);
        const double wide = painter.fontMetrics().horizontalAdvance(name);
        if (at < taken || at + wide > width())
            continue;
        painter.setPen(theme.tone(toneOf(event.what)));
        painter.drawText(QPointF(at, painter.fontMetrics().ascent()), name);
        taken = at + wide + Theme::kSpace;
    }
}

void FlightView::paintSeconds(QPainter &painter) const
{
    const Theme theme = Theme::current();
    painter.setFont(smallFont());
    painter.setPen(theme.muted);
    const double top = field(Caller).bottom();
    for (qint64 back = 0; m_record.untilUs - back >= m_record.fromUs; back += kSecondUs) {
        const double at = x(m_record.untilUs - back);
        painter.drawLine(QPointF(at, top), QPointF(at, top + 4));
        if (back > 0 && back % (2 * kSecondUs) == 0 && at > kSecondsText)
            painter.drawText(QRectF(at - 40, top + 4, 80, line() + 2), Qt::AlignCenter,
                             tr("-%1 s", "so many seconds before the record was written").arg(back / kSecondUs));
    }
}

QString FlightView::wordsAt(double place) const
{
    constexpr double kReach = 6; // pixels
    const FlightRecord::Event *nearest = nullptr;
    for (const FlightRecord::Event &event : m_record.events) {
        const double distance = std::abs(x(event.atUs) - place);
        if (distance > kReach)
            continue;
        const int better = nearest != nullptr ? rarity(event) - rarity(*nearest) : 1;
        if (better > 0 || (better == 0 && distance < std::abs(x(nearest->atUs) - place)))
            nearest = &event;
    }
    if (nearest == nullptr)
        return {};
    QStringList words{Words::flight(nearest->what)};
    if (nearest->facts.contains("late_us"_L1))
        words << tr("late %1", "%1 is a time, such as 0.4 ms").arg(Words::lateness(nearest->figure("late_us"_L1)));
    if (nearest->facts.contains("backlog"_L1))
        words << tr("%1 waiting", "%1 is a time of audio, such as 340 ms")
                     .arg(Words::milliseconds(nearest->figure("backlog"_L1) * 20));
    if (nearest->facts.contains("bytes"_L1))
        words << tr("%1 of audio", "%1 is a time, such as 20 ms")
                     .arg(Words::milliseconds(nearest->figure("bytes"_L1) / 8));
    if (nearest->facts.contains("cause"_L1))
        words << Words::stallCause(nearest->facts["cause"_L1].toString());
    return words.join(u"   "_s);
}

void FlightView::paintReading(QPainter &painter) const
{
    const QString words = wordsAt(m_mouseX);
    if (words.isEmpty())
        return;
    const Theme theme = Theme::current();
    painter.setPen(QPen(theme.muted, 1));
    painter.drawLine(QPointF(m_mouseX, line()), QPointF(m_mouseX, field(Caller).bottom()));
    painter.setFont(smallFont());
    QRectF box(0, field(Backlog).top(), painter.fontMetrics().horizontalAdvance(words) + 16, line() + 6);
    box.moveLeft(std::clamp(m_mouseX - box.width() / 2, 2.0, std::max(2.0, width() - box.width() - 2)));
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(theme.card);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(theme.text);
    painter.drawText(box, Qt::AlignCenter, words);
}

void FlightView::mouseMoveEvent(QMouseEvent *event)
{
    m_mouseX = event->position().x();
    update();
}

void FlightView::leaveEvent(QEvent *)
{
    m_mouseX = -1;
    update();
}

} // namespace takt::console
