// SPDX-License-Identifier: GPL-3.0-or-later
// What is on record of one past call: summary, transcript, recording. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace takt::console {

class Transcripts;

class RecordPane final : public QWidget
{
    Q_OBJECT
public:
    RecordPane(GatewayClient &client, QWidget *parent);

    // Empty: none.
    void setCall(const QString &callSid);
    void setDataDir(const QString &path) { m_dataDir = path; }
    void copyIds() const;

private:
    void onRecord(const QJsonObject &record);

    GatewayClient &m_client;
    QString m_callSid;
    QString m_dataDir;
    QString m_recording;
    QStackedWidget *m_whole;
    QLabel *m_title;
    QLabel *m_subtitle;
    QLabel *m_summary;
    Transcripts *m_transcripts;
    QPushButton *m_play;
};

} // namespace takt::console
