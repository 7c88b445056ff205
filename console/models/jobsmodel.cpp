// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/jobsmodel.h"

#include "console/models/words.h"

#include <QJsonArray>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

Tone toneOfJob(const QString &state)
{
    if (state == "running"_L1)
        return Tone::Accent;
    if (state == "completed"_L1)
        return Tone::Good;
    if (state == "retryable"_L1)
        return Tone::Warning;
    return state == "failed"_L1 ? Tone::Bad : Tone::Muted;
}

int JobsModel::count(const QString &state) const
{
    return head()["counts"_L1][state].toInt();
}

QString JobsModel::closed() const
{
    return head()["closed"_L1].toString();
}

QStringList JobsModel::pausedStages() const
{
    QStringList stages;
    const QJsonArray paused = head()["paused"_L1].toArray();
    for (const QJsonValue &stage : paused)
        stages << stage.toString();
    return stages;
}

void JobsModel::onSecond(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Age), index(rowCount() - 1, Next), {Qt::DisplayRole});
}

int JobsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return orientation == Qt::Horizontal && role == Qt::TextAlignmentRole
                   ? QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter))
                   : QVariant();
    switch (section) {
    case State: return tr("State");
    case Stage: return tr("Work", "column: stage of the work after a call");
    case Call: return tr("Call");
    case Business: return tr("Business");
    case Attempt: return tr("Attempt");
    case Progress: return tr("Progress");
    case Age: return tr("Age");
    case Next: return tr("Next try");
    case Worker: return tr("Worker");
    case Why: return tr("Why", "column: reason of a job's state");
    default: return {};
    }
}

QVariant JobsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const JobSnapshot &job = m_jobs[index.row()];
    const bool isState = index.column() == State;
    switch (role) {
    case Qt::DisplayRole: return text(job, index.column());
    case Qt::ToolTipRole: return index.column() == Why ? text(job, Why) : QString();
    case Qt::TextAlignmentRole: return headerData(index.column(), Qt::Horizontal, role);
    case kSortRole: return sortKey(job, index.column());
    case kKeyRole: return key(index.row());
    case kStateRole: return job.state;
    case kStageRole: return job.stage;
    case kDotRole: return isState ? QVariant(int(toneOfJob(job.state))) : QVariant();
    case kToneRole: return int(isState || index.column() == Stage ? Tone::Plain : Tone::Muted);
    case kProgressRole:
        return index.column() == Progress && job.state == "running"_L1 ? QVariant(job.progress) : QVariant();
    case kSearchRole:
        return QString(job.callSid + u' ' + job.business + u' ' + Words::stage(job.stage) + u' ' + job.worker + u' '
                       + text(job, Why));
    default: return {};
    }
}

QString JobsModel::text(const JobSnapshot &job, int column) const
{
    const bool waits = job.state == "scheduled"_L1 || job.state == "retryable"_L1;
    switch (column) {
    case State: return Words::jobState(job.state);
    case Stage: return Words::stage(job.stage);
    case Call: return Words::leftToRight(job.callSid);
    case Business: return job.business;
    case Attempt: return Words::leftToRight(u"%1/%2"_s.arg(job.attempt).arg(job.maxAttempts));
    case Progress:
        return job.state != "running"_L1    ? QString()
               : job.progressText.isEmpty() ? tr("%1%", "percent").arg(int(job.progress * 100))
                                            : job.progressText;
    case Age: return Words::span((job.finishedAtMs > 0 ? job.finishedAtMs : m_nowMs) - job.createdAtMs);
    case Next: return waits ? Words::span(job.runAtMs - m_nowMs) : QString();
    case Worker: return Words::leftToRight(job.worker);
    case Why: return job.waiting.isEmpty() ? job.reason : Words::waiting(job.waiting);
    default: return {};
    }
}

QVariant JobsModel::sortKey(const JobSnapshot &job, int column) const
{
    switch (column) {
    case Attempt: return job.attempt;
    case Progress: return job.progress;
    case Age: return job.createdAtMs;
    case Next: return job.runAtMs;
    default: return text(job, column);
    }
}

void JobsModel::decode(int row, bool isNew)
{
    if (isNew)
        m_jobs.append(JobSnapshot());
    m_jobs[row] = JobSnapshot::fromJson(facts(row));
}

void JobsModel::forget(int row)
{
    m_jobs.removeAt(row);
}

void JobsModel::forgetAll()
{
    m_jobs.clear();
}

} // namespace takt::console
