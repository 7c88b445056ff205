// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/flightdialog.h"

#include "console/models/words.h"
#include "console/views/flightview.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QStandardPaths>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

FlightDialog::FlightDialog(GatewayClient &client, const FlightEntry &entry, QWidget *parent)
    : QDialog(parent)
    , m_entry(entry)
    , m_about(mutedLabel(tr("Fetching the record…"), this))
    , m_view(new FlightView(this))
    , m_save(new QPushButton(tr("Save…"), this))
{
    setObjectName(u"flight"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Flight record"));
    auto *title = new QLabel(Words::leftToRight(entry.callSid), this);
    title->setFont(titleFont());
    alignToLanguage(title);
    title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_save->setToolTip(tr("Writes the record into a file, for jq or for takt-sim replay"));
    m_save->setEnabled(false);
    connect(m_save, &QPushButton::clicked, this, &FlightDialog::save);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_about, 1);
    bar->addWidget(m_save);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * Theme::kSpace, 3 * Theme::kSpace, 3 * Theme::kSpace, 3 * Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    layout->addWidget(title);
    layout->addLayout(bar);
    layout->addWidget(m_view, 1);
    resize(1000, 560);
    client.ask(control::kFlight, {{"flight"_L1, entry.name}}, this,
               [this](const Result<QJsonObject> &answer) { onAnswer(answer); });
}

void FlightDialog::onAnswer(const Result<QJsonObject> &answer)
{
    if (!answer)
        return m_about->setText(answer.error());
    m_ndjson = (*answer)["ndjson"_L1].toString().toUtf8();
    const auto record = FlightRecord::fromNdjson(m_ndjson);
    if (!record)
        return m_about->setText(record.error());
    const bool stall = m_entry.reason == name(FlightReason::Stall);
    QStringList about{
        Words::dateAndTime(m_entry.atMs),
        stall ? tr("Stall of %1", "%1 is a time, such as 340 ms").arg(Words::milliseconds(m_entry.durationMs))
              : Words::flightReason(m_entry.reason)};
    if (stall)
        about << Words::stallCause(m_entry.cause);
    m_about->setText(sideBySide(about));
    m_view->setRecord(*record);
    m_save->setEnabled(true);
}

void FlightDialog::save()
{
    const QDir folder(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the record"),
                                                      folder.filePath(m_entry.name + u".ndjson"_s));
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(m_ndjson) < 0 || !file.commit())
        m_about->setText(tr("The file was not written: %1").arg(file.errorString()));
}

} // namespace takt::console
