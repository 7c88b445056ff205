// SPDX-License-Identifier: GPL-3.0-or-later
// A flight record as a picture: what left, what waited, what the model and the caller sent, one under the other over the
// same seconds, and what the mouse points at in words. Time goes from left to right in every language. GUI's thread.
#pragma once

#include "console/models/topicmodel.h"
#include "shared/flightrecord.h"

#include <QWidget>

namespace takt::console {

class FlightView final : public QWidget
{
    Q_OBJECT
public:
    explicit FlightView(QWidget *parent);

    void setRecord(const FlightRecord &record);
    // Times without a frame although one was owed; in microseconds, as the record has them.
    struct Span {
        qint64 fromUs = 0;
        qint64 untilUs = 0;
    };
    [[nodiscard]] const QList<Span> &silences() const { return m_silences; }
    // What happened nearest to that place, in words; empty: nothing.
    [[nodiscard]] QString wordsAt(double x) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

private:
    enum Track { Frames, Backlog, Model, Caller, Tracks };

    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    [[nodiscard]] QRectF field(Track track) const;
    [[nodiscard]] double x(qint64 atUs) const;
    [[nodiscard]] int line() const;
    void paintNames(QPainter &painter) const;
    void paintSilences(QPainter &painter) const;
    void paintFrames(QPainter &painter) const;
    void paintBacklog(QPainter &painter) const;
    void paintBytes(QPainter &painter, Track track, QLatin1StringView what, Tone tone) const;
    void paintMoments(QPainter &painter) const;
    void paintSeconds(QPainter &painter) const;
    void paintReading(QPainter &painter) const;

    FlightRecord m_record;
    QList<Span> m_silences;
    double m_mouseX = -1;
};

} // namespace takt::console
