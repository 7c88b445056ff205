// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/jobpane.h"

#include "console/models/words.h"
#include "console/views/pipelineview.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QFontDatabase>
#include <QJsonArray>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

JobPane::JobPane(GatewayClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_whole(new QStackedWidget(this))
{
    setObjectName(u"pane"_s);
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(340);
    auto *outer = new QVBoxLayout(this);
    outer->addWidget(m_whole);
    auto *nothing = mutedLabel(tr("Choose a job to see its attempts, what it waits for, and what became of its call."),
                               m_whole);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    m_whole->addWidget(nothing);
    auto *one = new QWidget(m_whole);
    m_whole->addWidget(one);
    build(new QVBoxLayout(one));
}

void JobPane::build(QVBoxLayout *layout)
{
    layout->setContentsMargins(Theme::kSpace, Theme::kSpace, Theme::kSpace, Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    m_title = new QLabel(this);
    m_title->setFont(titleFont());
    m_subtitle = mutedLabel({}, this);
    m_subtitle->setWordWrap(true);
    alignToLanguage(m_subtitle);
    m_subtitle->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_pipeline = new PipelineView(this);
    connect(m_pipeline, &PipelineView::chosen, this, &JobPane::chosen);
    m_play = new QPushButton(tr("Play the recording"), this);
    connect(m_play, &QPushButton::clicked, this, [this] { open(m_recording); });
    m_files = new QPushButton(tr("Show its files"), this);
    connect(m_files, &QPushButton::clicked, this, [this] { open(m_folder); });
    auto *attempts = mutedLabel(tr("Attempts"), this);
    m_attempts = new QPlainTextEdit(this);
    m_attempts->setReadOnly(true);
    alignToLanguage(m_attempts);
    m_attempts->setProperty("role", u"bare"_s);
    m_attempts->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_attempts->setAccessibleName(tr("Attempts"));
    attempts->setBuddy(m_attempts);

    auto *names = new QVBoxLayout;
    names->setSpacing(2);
    names->addWidget(m_title);
    names->addWidget(m_subtitle);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_play);
    buttons->addWidget(m_files);
    buttons->addStretch();
    layout->addLayout(names);
    layout->addWidget(m_pipeline);
    layout->addLayout(buttons);
    layout->addWidget(attempts);
    layout->addWidget(m_attempts, 1);
}

void JobPane::setJob(qint64 id)
{
    if (id == m_id)
        return;
    m_id = id;
    m_callSid.clear();
    m_recording.clear();
    m_folder.clear();
    m_attempts->clear();
    m_pipeline->setCurrent(id);
    m_whole->setCurrentIndex(id == 0 ? 0 : 1);
    m_play->setEnabled(false);
    m_files->setEnabled(false);
    refresh();
}

void JobPane::refresh()
{
    if (m_id == 0)
        return;
    m_client.ask(control::kJob, {{"id"_L1, m_id}}, this, [this, id = m_id](const Result<QJsonObject> &answer) {
        if (answer && id == m_id)
            onJob(*answer);
    });
}

void JobPane::onJob(const QJsonObject &answer)
{
    const JobSnapshot job = JobSnapshot::fromJson(answer["job"_L1].toObject());
    m_title->setText(Words::stage(job.stage));
    const QString why = job.waiting.isEmpty() ? job.reason : Words::waiting(job.waiting);
    QStringList about{sideBySide({Words::jobState(job.state), job.business}), Words::leftToRight(job.callSid), why};
    about.removeAll(QString());
    m_subtitle->setText(about.join(u'\n'));
    QStringList lines;
    const QJsonArray attempts = answer["attempts"_L1].toArray();
    for (const QJsonValue &value : attempts) {
        const AttemptSnapshot a = AttemptSnapshot::fromJson(value.toObject());
        const QString took = a.endedAtMs > 0 ? Words::span(a.endedAtMs - a.startedAtMs) : u"…"_s;
        lines << Words::dateAndTime(a.startedAtMs) + u"   "_s + Words::outcome(a.outcome) + u"   "_s + took;
        QStringList said = a.logTail.trimmed().split(u'\n', Qt::SkipEmptyParts);
        said.prepend(a.error);
        said.removeAll(QString());
        for (const QString &line : std::as_const(said)) // in English, by machines
            lines << Words::leftToRight(line);
        lines << QString();
    }
    const QString text = lines.isEmpty() ? tr("None yet.") : lines.join(u'\n').trimmed();
    if (m_attempts->toPlainText() != text)
        m_attempts->setPlainText(text);
    const bool isNew = std::exchange(m_callSid, job.callSid) != job.callSid;
    m_client.ask(control::kJobs, {{"call_sid"_L1, m_callSid}}, this,
                 [this, sid = m_callSid](const Result<QJsonObject> &found) {
                     if (found && sid == m_callSid)
                         onSiblings(*found);
                 });
    if (isNew || isFinished(jobStateNamed(job.state).value_or(JobState::Pending)))
        m_client.ask(control::kRecord, {{"call_sid"_L1, m_callSid}}, this,
                     [this, sid = m_callSid](const Result<QJsonObject> &found) {
                         if (found && sid == m_callSid)
                             onRecord(*found);
                     });
}

void JobPane::onSiblings(const QJsonObject &answer)
{
    QList<JobSnapshot> jobs;
    const QJsonArray list = answer["jobs"_L1].toArray();
    for (const QJsonValue &job : list)
        jobs << JobSnapshot::fromJson(job.toObject());
    m_pipeline->setJobs(jobs);
}

void JobPane::onRecord(const QJsonObject &answer)
{
    const QJsonObject files = answer["files"_L1].toObject();
    for (const auto kind : {"archive"_L1, "original"_L1}) {
        if (files.contains(kind)) {
            m_recording = m_dataDir + u'/' + files[kind].toString();
            m_folder = QFileInfo(m_recording).path();
            break;
        }
    }
    m_play->setEnabled(!m_recording.isEmpty() && QFileInfo::exists(m_recording));
    m_files->setEnabled(!m_folder.isEmpty() && QFileInfo::exists(m_folder));
}

void JobPane::open(const QString &path)
{
    QDesktopServices::openUrl(QUrl::fromLocalFile(path));
}

} // namespace takt::console
