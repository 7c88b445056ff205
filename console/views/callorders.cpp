// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/callorders.h"

#include "console/models/words.h"
#include "console/views/orderdialog.h"
#include "shared/controlprotocol.h"
#include "shared/phonenumber.h"

#include <QAction>
#include <QPushButton>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

CallOrders::CallOrders(GatewayClient &client, QWidget *window)
    : QObject(window)
    , m_client(client)
    , m_window(window)
    , m_transfer(new QAction(tr("Transfer…"), this))
    , m_say(new QAction(tr("Say…", "an order to the agent: to speak a sentence"), this))
    , m_mute(new QAction(this))
{
    m_transfer->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_P);
    m_transfer->setToolTip(tr("Takes the caller from the agent and connects them with somebody else"));
    m_say->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_S);
    m_say->setToolTip(tr("The agent says a sentence of yours now"));
    m_mute->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_M);
    connect(m_transfer, &QAction::triggered, this, &CallOrders::askWhereTo);
    connect(m_say, &QAction::triggered, this, &CallOrders::askWhatToSay);
    connect(m_mute, &QAction::triggered, this, [this] {
        order(control::kMute, m_callSid, {{"on"_L1, !m_muted}},
              m_muted ? tr("The agent may speak again.") : tr("The agent is muted, and goes on listening."));
    });
    setCall({}, false);
}

void CallOrders::setCall(const CallSnapshot &call, bool live)
{
    // What is being typed is meant for the call that it was begun for.
    if (m_dialog != nullptr && (!live || call.callSid != m_callSid))
        m_dialog->reject();
    m_callSid = live ? call.callSid : QString();
    m_muted = live && call.muted;
    m_mute->setText(m_muted ? tr("Unmute", "an order: the caller hears the agent again")
                            : tr("Mute", "an order: the caller hears nothing of the agent"));
    m_mute->setToolTip(m_muted ? tr("The caller hears the agent again")
                               : tr("The caller hears nothing of the agent, which goes on listening"));
    m_transfer->setEnabled(live && m_client.offers(control::kTransfer));
    m_say->setEnabled(live && !m_muted && m_client.offers(control::kSay));
    m_mute->setEnabled(live && m_client.offers(control::kMute));
}

QPushButton *CallOrders::buttonFor(QAction *action, QWidget *parent)
{
    auto *button = new QPushButton(parent);
    const auto follow = [button, action] {
        button->setText(action->text());
        button->setToolTip(action->toolTip());
        button->setEnabled(action->isEnabled());
    };
    connect(action, &QAction::changed, button, follow);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    follow();
    return button;
}

void CallOrders::askWhereTo()
{
    auto *dialog = new OrderDialog(
        {tr("Transfer the call"),
         tr("The caller leaves the agent for good. If nobody answers there, they hear what the business says when no "
            "agent is free."),
         tr("Number or SIP address", "where a call is transferred to"), tr("Transfer", "button: does it")},
        [](const QString &text) {
            return normalisedNumber(text).isEmpty()
                       ? tr("A number begins with + and the country: %1. Or an address: %2.")
                             .arg(Words::leftToRight(u"+15551234567"_s), Words::leftToRight(u"sip:name@example.com"_s))
                       : QString();
        },
        m_window);
    dialog->setLeftToRight();
    show(dialog, [this, callSid = m_callSid](const QString &text) {
        Q_EMIT told(tr("Transferring…"));
        order(control::kTransfer, callSid, {{"to"_L1, text}},
              tr("The carrier is calling %1.", "%1 is a telephone number")
                  .arg(Words::leftToRight(normalisedNumber(text))));
    });
}

void CallOrders::askWhatToSay()
{
    auto *dialog = new OrderDialog(
        {tr("Have the agent say something"),
         tr("The agent says it as soon as the caller lets it, in the place of its own words."),
         tr("What the agent shall say"), tr("Say it", "button: the agent speaks the sentence")},
        [](const QString &text) {
            const qsizetype over = text.size() - control::kLongestSentence;
            return over > 0 ? tr("Too long by %n character(s).", nullptr, int(over)) : QString();
        },
        m_window);
    show(dialog, [this, callSid = m_callSid](const QString &text) {
        order(control::kSay, callSid, {{"text"_L1, text}}, tr("The agent says: %1", "%1 is a sentence").arg(text));
    });
}

void CallOrders::show(OrderDialog *dialog, const std::function<void(const QString &)> &then)
{
    if (m_dialog != nullptr)
        m_dialog->reject();
    m_dialog = dialog;
    connect(dialog, &QDialog::accepted, this, [dialog, then] { then(dialog->text()); });
    dialog->open();
}

void CallOrders::order(const QString &method, const QString &callSid, QJsonObject parameters, const QString &done)
{
    parameters.insert("call_sid"_L1, callSid);
    m_client.ask(method, parameters, this, [this, callSid, done](const Result<QJsonObject> &result) {
        if (callSid == m_callSid || !result)
            Q_EMIT told(result ? done : result.error());
    });
}

} // namespace takt::console
