// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/gatewaydialog.h"

#include "console/views/theme.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

GatewayDialog::GatewayDialog(const QString &title, const KnownGateway &gateway, const QStringList &taken,
                             QWidget *parent)
    : QDialog(parent)
    , m_name(new QLineEdit(gateway.name, this))
    , m_socket(new QLineEdit(gateway.socket, this))
{
    setWindowTitle(title);
    m_name->setObjectName(u"name"_s);
    m_socket->setObjectName(u"socket"_s);
    m_socket->setLayoutDirection(Qt::LeftToRight); // a path
    m_socket->setMinimumWidth(360);
    auto *hint = mutedLabel(tr("Its control socket on this machine. One on another machine comes here through "
                               "ssh -L SOCKET-HERE:SOCKET-THERE HOST."),
                            this);
    hint->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    const auto look = [this, taken, ok = buttons->button(QDialogButtonBox::Ok)] {
        const QString socket = this->gateway().socket;
        ok->setEnabled(!socket.isEmpty() && !taken.contains(socket));
    };
    connect(m_socket, &QLineEdit::textChanged, this, look);
    look();

    auto *form = new QFormLayout;
    form->setHorizontalSpacing(2 * Theme::kSpace);
    form->setVerticalSpacing(Theme::kSpace);
    form->addRow(tr("Name"), m_name);
    form->addRow(tr("Socket"), m_socket);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * Theme::kSpace, 3 * Theme::kSpace, 3 * Theme::kSpace, 2 * Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addLayout(form);
    layout->addWidget(hint);
    layout->addWidget(buttons);
}

KnownGateway GatewayDialog::gateway() const
{
    return {m_name->text().trimmed(), m_socket->text().trimmed()};
}

} // namespace takt::console
