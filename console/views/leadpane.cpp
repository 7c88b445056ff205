// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/leadpane.h"

#include "console/models/words.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

LeadPane::LeadPane(GatewayClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_whole(new QStackedWidget(this))
    , m_title(new QLabel(this))
    , m_facts(mutedLabel({}, this))
    , m_status(new QLineEdit(this))
    , m_notice(mutedLabel({}, this))
    , m_history(new QPlainTextEdit(this))
{
    setObjectName(u"pane"_s);
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(340);
    auto *nothing = mutedLabel(tr("Choose a person to see what is known, and to set the status by hand."), m_whole);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    m_title->setFont(titleFont());
    alignToLanguage(m_title);
    alignToLanguage(m_facts);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->setWordWrap(true);
    m_notice->setWordWrap(true);
    m_status->setObjectName(u"leadStatus"_s);
    m_status->setAccessibleName(tr("Status"));
    m_history->setReadOnly(true);
    // Its lines begin with a date, which has no direction: theirs is the language's.
    QTextOption lines = m_history->document()->defaultTextOption();
    lines.setTextDirection(layoutDirection());
    lines.setAlignment((isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute);
    m_history->document()->setDefaultTextOption(lines);
    m_history->setProperty("role", u"bare"_s);
    m_history->setAccessibleName(tr("History"));
    auto *set = new QPushButton(tr("Set status"), this);
    set->setToolTip(tr("What a person sets here, no call changes"));
    connect(set, &QPushButton::clicked, this, &LeadPane::setStatus);
    connect(m_status, &QLineEdit::returnPressed, this, &LeadPane::setStatus);

    auto *row = new QHBoxLayout;
    row->setSpacing(Theme::kSpace);
    row->addWidget(m_status, 1);
    row->addWidget(set);
    auto *lead = new QWidget(m_whole);
    auto *layout = new QVBoxLayout(lead);
    layout->setContentsMargins(Theme::kSpace, Theme::kSpace, Theme::kSpace, Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addWidget(m_title);
    layout->addWidget(m_facts);
    layout->addLayout(row);
    layout->addWidget(m_notice);
    layout->addWidget(mutedLabel(tr("History"), this));
    layout->addWidget(m_history, 1);
    m_whole->addWidget(nothing);
    m_whole->addWidget(lead);
    auto *outer = new QVBoxLayout(this);
    outer->addWidget(m_whole);
}

void LeadPane::setLead(qint64 id)
{
    m_id = id;
    m_notice->clear();
    m_whole->setCurrentIndex(id == 0 ? 0 : 1);
    if (id != 0)
        ask();
}

void LeadPane::ask()
{
    m_client.ask(control::kLead, {{"id"_L1, m_id}}, this, [this, id = m_id](const Result<QJsonObject> &answer) {
        if (id != m_id)
            return;
        if (answer)
            onLead(*answer);
        else
            m_notice->setText(answer.error());
    });
}

void LeadPane::onLead(const QJsonObject &answer)
{
    const QJsonObject lead = answer["lead"_L1].toObject();
    const QString name = lead["name"_L1].toString();
    const QString phone = Words::caller(lead["phone"_L1].toString());
    m_title->setText(name.isEmpty() ? phone : name);
    QStringList facts{name.isEmpty() ? QString() : phone, lead["business"_L1].toString(), lead["city"_L1].toString(),
                      lead["service"_L1].toString()};
    facts.removeAll(QString());
    m_facts->setText(facts.join(u"  ·  "_s));
    m_status->setText(lead["status"_L1].toString());
    QStringList lines;
    const QJsonArray history = answer["history"_L1].toArray();
    for (const QJsonValue &event : history) {
        const QString when = Words::dateAndTime(event["at_ms"_L1].toInteger());
        const QString from = event["from"_L1].toString();
        const QString to = event["to"_L1].toString();
        lines << (event["effect"_L1].toString() != "status"_L1 ? tr("%1   a call", "%1 is a time").arg(when)
                  : from.isEmpty()                             ? tr("%1   status: %2", "%1 is a time").arg(when, to)
                                   : tr("%1   status: %3, before: %2", "%1 is a time").arg(when, from, to));
    }
    m_history->setPlainText(lines.join(u'\n'));
}

void LeadPane::setStatus()
{
    m_client.ask(control::kSetLeadStatus, {{"id"_L1, m_id}, {"status"_L1, m_status->text().trimmed()}}, this,
                 [this](const Result<QJsonObject> &answer) {
                     m_notice->setText(answer ? tr("The status is set.") : answer.error());
                     ask();
                     Q_EMIT changed();
                 });
}

} // namespace takt::console
