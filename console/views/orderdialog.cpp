// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/orderdialog.h"

#include "console/views/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kWidth = 460;

} // namespace

OrderDialog::OrderDialog(const Texts &texts, Check check, QWidget *parent)
    : QDialog(parent)
    , m_check(std::move(check))
    , m_edit(new QLineEdit(this))
    , m_problem(mutedLabel({}, this))
{
    setWindowTitle(texts.title);
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(kWidth);
    auto *explanation = new QLabel(texts.explanation, this);
    explanation->setWordWrap(true);
    m_edit->setObjectName(u"orderText"_s);
    m_edit->setPlaceholderText(texts.field);
    m_edit->setAccessibleName(texts.field);
    m_problem->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(this);
    m_send = buttons->addButton(texts.verb, QDialogButtonBox::AcceptRole);
    m_send->setObjectName(u"orderSend"_s);
    m_send->setDefault(true);
    buttons->addButton(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_edit, &QLineEdit::textChanged, this, &OrderDialog::check);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addWidget(explanation);
    layout->addWidget(m_edit);
    layout->addWidget(m_problem);
    layout->addStretch();
    layout->addWidget(buttons);
    this->check();
}

QString OrderDialog::text() const
{
    return m_edit->text().simplified();
}

void OrderDialog::setLeftToRight()
{
    m_edit->setLayoutDirection(Qt::LeftToRight);
}

void OrderDialog::check()
{
    const QString problem = text().isEmpty() ? QString() : m_check(text());
    m_problem->setText(problem);
    m_send->setEnabled(!text().isEmpty() && problem.isEmpty());
}

} // namespace takt::console
