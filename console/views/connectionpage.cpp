// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/connectionpage.h"

#include "console/gatewayclient.h"
#include "console/models/words.h"
#include "console/views/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

ConnectionPage::ConnectionPage(const GatewayClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_title(new QLabel(this))
    , m_problem(mutedLabel({}, this))
    , m_name(new QLineEdit(this))
    , m_path(new QLineEdit(this))
{
    m_title->setFont(titleFont());
    m_problem->setWordWrap(true);
    m_name->setObjectName(u"gatewayName"_s);
    m_name->setPlaceholderText(tr("as you like, or nothing", "placeholder: the name of a gateway"));
    m_path->setObjectName(u"gatewaySocket"_s);
    m_path->setLayoutDirection(Qt::LeftToRight); // a path
    auto *connectNow = new QPushButton(tr("Connect"), this);
    connectNow->setObjectName(u"connect"_s);
    connectNow->setProperty("role", u"primary"_s);
    connect(connectNow, &QPushButton::clicked, this, &ConnectionPage::choose);
    for (const QLineEdit *line : {m_name, m_path})
        connect(line, &QLineEdit::returnPressed, this, &ConnectionPage::choose);
    auto *hint = mutedLabel(
        tr("The gateway opens this socket when it starts, for its own user alone. To see it at work "
           "with simulated calls, start ./run.sh; a gateway of your own starts with "
           "takt-gateway --config FILE."),
        this);
    hint->setWordWrap(true);

    auto *form = new QGridLayout;
    form->setHorizontalSpacing(2 * Theme::kSpace);
    form->setVerticalSpacing(Theme::kSpace);
    form->addWidget(new QLabel(tr("Socket"), this), 0, 0);
    form->addWidget(m_path, 0, 1);
    form->addWidget(connectNow, 0, 2);
    form->addWidget(new QLabel(tr("Name"), this), 1, 0);
    form->addWidget(m_name, 1, 1);
    auto *column = new QVBoxLayout;
    column->setSpacing(2 * Theme::kSpace);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_problem);
    column->addLayout(form);
    column->addWidget(hint);
    column->addStretch(3);
    auto *layout = new QHBoxLayout(this);
    layout->addStretch(1);
    layout->addLayout(column, 3);
    layout->addStretch(1);
    connect(&m_client, &GatewayClient::stateChanged, this, &ConnectionPage::refresh);
    refresh();
}

// What is being typed stays, unless it is about another gateway now.
void ConnectionPage::setGateway(const KnownGateway &gateway)
{
    if (gateway == m_gateway)
        return;
    m_gateway = gateway;
    m_name->setText(gateway.name);
    m_path->setText(gateway.socket);
}

void ConnectionPage::choose()
{
    if (const QString path = m_path->text().trimmed(); !path.isEmpty())
        Q_EMIT chosen({m_name->text().trimmed(), path});
}

void ConnectionPage::refresh()
{
    if (m_client.state() == GatewayClient::State::Mismatch) {
        m_title->setText(tr("This gateway is of another version"));
        m_problem->setText(
            tr("It is version %1, with protocol %2, which this console does not know. Use a console and a "
               "gateway of the same version.")
                .arg(Words::leftToRight(m_client.version()))
                .arg(m_client.protocol()));
        return;
    }
    m_title->setText(tr("Looking for a gateway"));
    m_problem->setText(
        m_client.state() == GatewayClient::State::Waiting
            ? tr("Nobody answers at this socket yet: %1. The console goes on trying.").arg(m_client.problem())
            : tr("Trying this socket…"));
}

} // namespace takt::console
