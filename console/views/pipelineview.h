// SPDX-License-Identifier: GPL-3.0-or-later
// The work after one call, stage under stage, and why one waits. GUI's thread.
#pragma once

#include "shared/jobsnapshot.h"

#include <QWidget>

namespace takt::console {

class PipelineView final : public QWidget
{
    Q_OBJECT
public:
    explicit PipelineView(QWidget *parent);

    void setJobs(const QList<JobSnapshot> &jobs);
    void setCurrent(qint64 id);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosen(qint64 id);

private:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] QString says(const JobSnapshot &job) const;

    QList<JobSnapshot> m_jobs; // in the pipeline's order
    qint64 m_current = 0;
};

} // namespace takt::console
