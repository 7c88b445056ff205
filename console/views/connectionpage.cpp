// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/connectionpage.h"

#include "console/gatewayclient.h"
#include "console/models/words.h"
#include "console/views/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

ConnectionPage::ConnectionPage(GatewayClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_title(new QLabel(this))
    , m_problem(mutedLabel({}, this))
    , m_path(new QLineEdit(this))
{
    m_title->setFont(titleFont());
    m_problem->setWordWrap(true);
    m_path->setLayoutDirection(Qt::LeftToRight); // a path
    m_path->setAccessibleName(tr("Socket of the gateway"));
    auto *connectNow = new QPushButton(tr("Connect"), this);
    connectNow->setProperty("role", u"primary"_s);
    const auto open = [this] {
        if (!m_path->text().trimmed().isEmpty())
            m_client.open(m_path->text().trimmed());
    };
    connect(connectNow, &QPushButton::clicked, this, open);
    connect(m_path, &QLineEdit::returnPressed, this, open);
    auto *hint = mutedLabel(
        tr("The gateway opens this socket when it starts, for its own user alone. To see it at work "
           "with simulated calls, start ./run.sh; a gateway of your own starts with "
           "takt-gateway --config FILE."),
        this);
    hint->setWordWrap(true);

    auto *row = new QHBoxLayout;
    row->setSpacing(Theme::kSpace);
    row->addWidget(m_path, 1);
    row->addWidget(connectNow);
    auto *column = new QVBoxLayout;
    column->setSpacing(2 * Theme::kSpace);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_problem);
    column->addLayout(row);
    column->addWidget(hint);
    column->addStretch(3);
    auto *layout = new QHBoxLayout(this);
    layout->addStretch(1);
    layout->addLayout(column, 3);
    layout->addStretch(1);
    connect(&m_client, &GatewayClient::stateChanged, this, &ConnectionPage::refresh);
    refresh();
}

void ConnectionPage::refresh()
{
    if (!m_path->hasFocus() || m_path->text().isEmpty())
        m_path->setText(m_client.path());
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
