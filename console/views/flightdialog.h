// SPDX-License-Identifier: GPL-3.0-or-later
// One flight record: fetched from the gateway, shown as a picture, saved for whoever replays it. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "shared/flightrecord.h"

#include <QDialog>

class QLabel;
class QPushButton;

namespace takt::console {

class FlightView;

class FlightDialog final : public QDialog
{
    Q_OBJECT
public:
    FlightDialog(GatewayClient &client, const FlightEntry &entry, QWidget *parent);

private:
    void onAnswer(const Result<QJsonObject> &answer);
    void save();

    const FlightEntry m_entry;
    QByteArray m_ndjson;
    QLabel *m_about;
    FlightView *m_view;
    QPushButton *m_save;
};

} // namespace takt::console
