// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/plot.h"

#include "console/views/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

// The next of 1, 2, 5, 10, 20...
double roundUp(double value)
{
    if (value <= 0)
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (value <= step * power)
            return step * power;
    }
    return 10 * power;
}

} // namespace

Plot::Plot(const QString &title, Label valueLabel, double least, QWidget *parent)
    : QWidget(parent)
    , m_title(title)
    , m_label(std::move(valueLabel))
    , m_least(least)
    , m_top(least)
{
    setMouseTracking(true);
    setAccessibleName(title);
}

void Plot::setSeries(const QList<Series> &series, int capacity, const QString &from, const QString &to)
{
    m_series = series;
    m_capacity = std::max(2, capacity);
    m_from = from;
    m_to = to;
    double highest = m_least;
    for (const Series &each : m_series) {
        for (const double value : each.values)
            highest = std::max(highest, value);
    }
    m_top = roundUp(highest);
    update();
}

QSize Plot::sizeHint() const
{
    return {320, m_title.isEmpty() ? 96 : 150};
}

QSize Plot::minimumSizeHint() const
{
    return {160, m_title.isEmpty() ? 72 : 110};
}

QRectF Plot::field() const
{
    const int line = QFontMetrics(smallFont()).height();
    const bool header = !m_title.isEmpty() || std::any_of(m_series.cbegin(), m_series.cend(), [](const Series &s) {
        return !s.name.isEmpty();
    });
    return QRectF(rect()).adjusted(2, header ? line + 12 : 6, -2, -line - 4);
}

double Plot::x(qsizetype i, qsizetype count) const
{
    const QRectF area = field();
    const double place = double(m_capacity - count + i);
    return area.left() + area.width() * place / double(m_capacity - 1);
}

double Plot::y(double value) const
{
    const QRectF area = field();
    return area.bottom() - area.height() * std::clamp(value / m_top, 0.0, 1.0);
}

void Plot::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setLayoutDirection(Qt::LeftToRight); // left is left here: time runs to the right in every language
    paintLegend(painter);
    paintAxes(painter);
    for (const Series &series : m_series)
        paintSeries(painter, series);
    if (m_mouseX >= 0)
        paintReading(painter);
}

void Plot::paintLegend(QPainter &painter) const
{
    const Theme theme = Theme::current();
    const QRect line(2, 0, width() - 4, QFontMetrics(smallFont()).height() + 4);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(theme.text);
    const bool rightToLeft = layoutDirection() == Qt::RightToLeft;
    painter.drawText(line, int((rightToLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), m_title);
    painter.setFont(smallFont());
    const QFontMetrics metrics(smallFont());
    int at = rightToLeft ? line.left() : line.right(); // the names stand at the other end
    for (const Series &series : m_series) {
        if (series.name.isEmpty())
            continue;
        const int text = metrics.horizontalAdvance(series.name);
        const int left = rightToLeft ? at + 14 : at - text;
        painter.setPen(theme.muted);
        painter.drawText(QRect(left, line.top(), text + 1, line.height()), int(Qt::AlignLeft | Qt::AlignVCenter),
                         series.name);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.tone(series.tone));
        painter.drawEllipse(QRectF(rightToLeft ? at : left - 12, line.center().y() - 3, 7, 7));
        at += rightToLeft ? text + 28 : -(text + 28);
    }
}

void Plot::paintAxes(QPainter &painter) const
{
    const Theme theme = Theme::current();
    const QRectF area = field();
    painter.setPen(QPen(theme.line, 1));
    painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()));
    painter.setPen(QPen(theme.line, 1, Qt::DotLine));
    painter.drawLine(QPointF(area.left(), area.top()), QPointF(area.right(), area.top()));
    painter.setFont(smallFont());
    painter.setPen(theme.muted);
    // Its own words run as the language does, though they stand at the left.
    const QString top = (layoutDirection() == Qt::RightToLeft ? QString(QChar(0x200f)) : QString()) + m_label(m_top);
    painter.drawText(QPointF(area.left(), area.top() + painter.fontMetrics().ascent()), top);
    const QRectF below(area.left(), area.bottom() + 2, area.width(), painter.fontMetrics().height() + 2);
    painter.drawText(below, int(Qt::AlignLeft | Qt::AlignVCenter), m_from);
    painter.drawText(below, int(Qt::AlignRight | Qt::AlignVCenter), m_to);
}

void Plot::paintSeries(QPainter &painter, const Series &series) const
{
    const QColor color = Theme::current().tone(series.tone);
    const qsizetype n = series.values.size();
    if (series.shape == Shape::Bars) {
        const double width = std::max(2.0, field().width() / m_capacity * 0.6);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        for (qsizetype i = 0; i < n; ++i) {
            if (series.values[i] > 0)
                painter.drawRect(QRectF(QPointF(x(i, n) - width / 2, y(series.values[i])),
                                        QPointF(x(i, n) + width / 2, field().bottom())));
        }
        return;
    }
    if (n == 0)
        return;
    QPainterPath path(QPointF(x(0, n), y(series.values[0])));
    for (qsizetype i = 1; i < n; ++i)
        path.lineTo(x(i, n), y(series.values[i]));
    if (series.shape == Shape::Area) {
        QPainterPath filled = path;
        filled.lineTo(x(n - 1, n), field().bottom());
        filled.lineTo(x(0, n), field().bottom());
        QColor soft = color;
        soft.setAlphaF(0.15F);
        painter.fillPath(filled, soft);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
}

void Plot::paintReading(QPainter &painter) const
{
    const QRectF area = field();
    const double step = area.width() / double(m_capacity - 1);
    const auto place = qsizetype(std::lround((m_mouseX - area.left()) / step));
    QStringList words;
    for (const Series &series : m_series) {
        const qsizetype i = place - (m_capacity - series.values.size());
        if (i >= 0 && i < series.values.size())
            words << (series.name.isEmpty() ? m_label(series.values[i])
                                            : series.name + u' ' + m_label(series.values[i]));
    }
    if (words.isEmpty())
        return;
    const Theme theme = Theme::current();
    const double lineX = area.left() + double(place) * step;
    painter.setPen(QPen(theme.muted, 1));
    painter.drawLine(QPointF(lineX, area.top()), QPointF(lineX, area.bottom()));
    painter.setFont(smallFont());
    const QString text = words.join(u"   "_s);
    QRectF box(0, area.top() + 2, painter.fontMetrics().horizontalAdvance(text) + 16,
               painter.fontMetrics().height() + 6);
    box.moveLeft(std::clamp(lineX - box.width() / 2, area.left(), std::max(area.left(), area.right() - box.width())));
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(theme.card);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(theme.text);
    painter.drawText(box, Qt::AlignCenter, text);
}

void Plot::mouseMoveEvent(QMouseEvent *event)
{
    m_mouseX = event->position().x();
    update();
}

void Plot::leaveEvent(QEvent *)
{
    m_mouseX = -1;
    update();
}

} // namespace takt::console
