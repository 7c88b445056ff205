// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/recordpane.h"

#include "console/models/words.h"
#include "console/views/theme.h"
#include "console/views/transcripts.h"
#include "shared/controlprotocol.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

RecordPane::RecordPane(GatewayClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_whole(new QStackedWidget(this))
    , m_title(new QLabel(this))
    , m_subtitle(mutedLabel({}, this))
    , m_summary(new QLabel(this))
    , m_transcripts(new Transcripts(this))
    , m_play(new QPushButton(tr("Play the recording"), this))
{
    setObjectName(u"pane"_s);
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(340);
    auto *nothing = mutedLabel(tr("Choose a call to read what was said, and what came of it."), m_whole);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    m_title->setFont(titleFont());
    alignToLanguage(m_title);
    alignToLanguage(m_subtitle);
    for (QLabel *label : {m_title, m_subtitle, m_summary}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    connect(m_play, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_recording)); });

    auto *call = new QWidget(m_whole);
    auto *layout = new QVBoxLayout(call);
    layout->setContentsMargins(Theme::kSpace, Theme::kSpace, Theme::kSpace, Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_play);
    buttons->addStretch();
    layout->addWidget(m_title);
    layout->addWidget(m_subtitle);
    layout->addLayout(buttons);
    layout->addWidget(m_summary);
    layout->addWidget(m_transcripts, 1);
    m_whole->addWidget(nothing);
    m_whole->addWidget(call);
    auto *outer = new QVBoxLayout(this);
    outer->addWidget(m_whole);
}

void RecordPane::setCall(const QString &callSid)
{
    if (callSid == m_callSid)
        return;
    m_callSid = callSid;
    m_recording.clear();
    m_transcripts->clear();
    m_summary->clear();
    m_whole->setCurrentIndex(callSid.isEmpty() ? 0 : 1);
    if (callSid.isEmpty())
        return;
    m_client.ask(control::kRecord, {{"call_sid"_L1, callSid}}, this,
                 [this, callSid](const Result<QJsonObject> &answer) {
                     if (callSid != m_callSid)
                         return;
                     if (answer)
                         onRecord(*answer);
                     else
                         m_summary->setText(answer.error());
                 });
}

void RecordPane::copyIds() const
{
    if (!m_callSid.isEmpty())
        QGuiApplication::clipboard()->setText(m_callSid);
}

void RecordPane::onRecord(const QJsonObject &record)
{
    const QJsonObject call = record["call"_L1].toObject();
    const bool outbound = call["direction"_L1].toString() == "outbound"_L1;
    m_title->setText(Words::caller(call[outbound ? "to"_L1 : "from"_L1].toString()));
    m_subtitle->setText(
        sideBySide({Words::dateAndTime(call["started_at_ms"_L1].toInteger()), call["business"_L1].toString(),
                    Words::endReason(call["end_reason"_L1].toString()),
                    Words::cost(costFrom(call), Usage::fromJson(call["usage"_L1].toObject()).tokens())}));
    m_summary->setText(record["results"_L1]["summarize"_L1]["summary"_L1].toString());
    m_summary->setVisible(!m_summary->text().isEmpty());
    m_transcripts->setRecord(record);
    const QJsonObject files = record["files"_L1].toObject();
    for (const auto kind : {"original"_L1, "archive"_L1}) {
        if (files.contains(kind))
            m_recording = m_dataDir + u'/' + files[kind].toString();
    }
    m_play->setEnabled(!m_recording.isEmpty() && QFileInfo::exists(m_recording));
}

} // namespace takt::console
