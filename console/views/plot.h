// SPDX-License-Identifier: GPL-3.0-or-later
// A small plot over time: lines or bars, with values where the mouse is. Time goes from left to right in every language.
// GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

#include <QWidget>

#include <functional>

namespace takt::console {

class Plot final : public QWidget
{
    Q_OBJECT
public:
    enum class Shape { Line, Area, Bars };
    struct Series {
        QString name; // empty: no legend
        Tone tone = Tone::Accent;
        Shape shape = Shape::Line;
        QList<double> values; // the oldest first
    };
    using Label = std::function<QString(double)>;

    // `title` may be empty; `least`: where the scale ends at least.
    Plot(const QString &title, Label valueLabel, double least, QWidget *parent);

    // `from` and `to` stand at the ends of the axis. Series of fewer values than `capacity` begin later.
    void setSeries(const QList<Series> &series, int capacity, const QString &from, const QString &to);
    [[nodiscard]] double top() const { return m_top; } // of the scale

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

private:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    [[nodiscard]] QRectF field() const;
    [[nodiscard]] double x(qsizetype i, qsizetype count) const;
    [[nodiscard]] double y(double value) const;
    void paintLegend(QPainter &painter) const;
    void paintAxes(QPainter &painter) const;
    void paintSeries(QPainter &painter, const Series &series) const;
    void paintReading(QPainter &painter) const;

    const QString m_title;
    const Label m_label;
    const double m_least;
    QList<Series> m_series;
    int m_capacity = 2;
    QString m_from;
    QString m_to;
    double m_top = 1;
    double m_mouseX = -1;
};

} // namespace takt::console
