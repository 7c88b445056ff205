// SPDX-License-Identifier: GPL-3.0-or-later
// One job closely: the pipeline that it stands in, its attempts, and what came of the call so far. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/jobsmodel.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace takt::console {

class PipelineView;

class JobPane final : public QWidget
{
    Q_OBJECT
public:
    JobPane(GatewayClient &client, QWidget *parent);

    // 0: none.
    void setJob(qint64 id);
    [[nodiscard]] qint64 job() const { return m_id; }
    // Where the gateway keeps the files of calls.
    void setDataDir(const QString &path) { m_dataDir = path; }
    // Something about it may have changed.
    void refresh();

Q_SIGNALS:
    void chosen(qint64 id); // another stage of the same call

private:
    void build(QVBoxLayout *layout);
    void onJob(const QJsonObject &answer);
    void onSiblings(const QJsonObject &answer);
    void onRecord(const QJsonObject &answer);
    void open(const QString &path);

    GatewayClient &m_client;
    qint64 m_id = 0;
    QString m_callSid;
    QString m_dataDir;
    QString m_recording; // paths; empty: not there
    QString m_folder;
    QStackedWidget *m_whole;
    QLabel *m_title;
    QLabel *m_subtitle;
    PipelineView *m_pipeline;
    QPlainTextEdit *m_attempts;
    QPushButton *m_play;
    QPushButton *m_files;
};

} // namespace takt::console
