// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/pipelineview.h"

#include "console/models/jobsmodel.h"
#include "console/models/words.h"
#include "console/views/theme.h"
#include "shared/jobfacts.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kDot = 10;

} // namespace

PipelineView::PipelineView(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Work after this call"));
}

void PipelineView::setJobs(const QList<JobSnapshot> &jobs)
{
    m_jobs.clear();
    for (const Stage stage : kStages) {
        for (const JobSnapshot &job : jobs) {
            if (job.stage == name(stage))
                m_jobs << job;
        }
    }
    updateGeometry();
    update();
}

void PipelineView::setCurrent(qint64 id)
{
    m_current = id;
    update();
}

QSize PipelineView::sizeHint() const
{
    return {280, int(m_jobs.size()) * rowHeight()};
}

int PipelineView::rowHeight() const
{
    return fontMetrics().height() + Theme::kSpace;
}

QString PipelineView::says(const JobSnapshot &job) const
{
    const QString state = Words::jobState(job.state);
    const QString why = job.waiting.isEmpty() ? job.reason : Words::waiting(job.waiting);
    return why.isEmpty() ? state : tr("%1: %2", "a state, and why").arg(state, why);
}

void PipelineView::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::current();
    const bool rightToLeft = layoutDirection() == Qt::RightToLeft;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int height = rowHeight();
    const int x = rightToLeft ? width() - kDot : kDot;
    painter.setPen(QPen(theme.line, 2));
    if (m_jobs.size() > 1)
        painter.drawLine(x, height / 2, x, int(m_jobs.size()) * height - height / 2);
    int nameWidth = 0;
    for (const JobSnapshot &job : m_jobs)
        nameWidth = std::max(nameWidth, fontMetrics().horizontalAdvance(Words::stage(job.stage)));
    nameWidth += 2 * Theme::kSpace;
    for (int i = 0; i < m_jobs.size(); ++i) {
        const JobSnapshot &job = m_jobs[i];
        const QRect row(0, i * height, width(), height);
        if (job.id == m_current) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.tint(Tone::Accent, theme.dark ? 0.22 : 0.12));
            painter.drawRoundedRect(row, 5, 5);
        }
        painter.setPen(QPen(theme.card, 2));
        painter.setBrush(theme.tone(toneOfJob(job.state)));
        painter.drawEllipse(QPoint(x, row.center().y()), kDot / 2 + 1, kDot / 2 + 1);
        QRect text = rightToLeft ? row.adjusted(4, 0, -3 * kDot, 0) : row.adjusted(3 * kDot, 0, -4, 0);
        painter.setPen(theme.text);
        painter.drawText(QStyle::visualRect(layoutDirection(), text, QRect(text.left(), text.top(), nameWidth, height)),
                         int(Qt::AlignVCenter | (rightToLeft ? Qt::AlignRight : Qt::AlignLeft)),
                         Words::stage(job.stage));
        rightToLeft ? text.setRight(text.right() - nameWidth) : text.setLeft(text.left() + nameWidth);
        painter.setPen(job.state == "failed"_L1 ? theme.bad : theme.muted);
        painter.drawText(text, int(Qt::AlignVCenter | (rightToLeft ? Qt::AlignRight : Qt::AlignLeft)),
                         fontMetrics().elidedText(says(job), Qt::ElideRight, text.width()));
    }
}

void PipelineView::mousePressEvent(QMouseEvent *event)
{
    const auto row = qsizetype(event->position().y()) / rowHeight();
    if (row >= 0 && row < m_jobs.size())
        Q_EMIT chosen(m_jobs[row].id);
}

bool PipelineView::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int row = help->pos().y() / rowHeight();
        if (row >= 0 && row < m_jobs.size())
            QToolTip::showText(help->globalPos(), says(m_jobs[row]), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace takt::console
