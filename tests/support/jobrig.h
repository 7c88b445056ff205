// SPDX-License-Identifier: GPL-3.0-or-later
// All that a stage needs: a database file with a call on record, a data directory, settings, a gate and its pass, and a job
// that is claimed. For tests; in the thread of the test.
//
//     JobRig rig;                                 // settings may be changed: rig.settings
//     rig.putCall();                              // a call of three minutes that ended ten seconds ago
//     rig.putTurn(Speaker::Caller, u"Hello"_s);
//     const store::Outcome outcome = rig.run(Stage::Summarize, jobs::summarize);
//     rig.keep(Stage::Summarize, outcome);        // what the runner would write of it: for the next stage
#pragma once

#include "jobs/stages/stages.h"
#include "store/callstore.h"
#include "store/database.h"
#include "support/scriptedhttp.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

class JobRig
{
public:
    using StageFunction = store::Outcome (*)(jobs::JobContext &);
    inline static const QString kCallSid = u"CA0123456789abcdef0123456789abcdef"_s;
    inline static const QString kStreamSid = u"MZ0123456789abcdef0123456789abcdef"_s;
    inline static const QString kRecordingSid = u"RE0123456789abcdef0123456789abcdef"_s;
    inline static const QString kAccountSid = u"AC0123456789abcdef0123456789abcdef"_s;

    JobRig()
    {
        settings.dataDir = m_folder.filePath(u"data"_s);
        settings.databaseUrl = "sqlite:"_L1 + m_folder.filePath(u"data/takt.sqlite"_s);
        settings.openai.transcriptionModel = u"whisper-1"_s;
        settings.openai.textModel = u"gpt-4o-mini"_s;
        job.attempt = 1;
        job.maxAttempts = 10;
        job.token = 7;
        auto opened = store::Database::open(settings.databaseUrl);
        if (!opened)
            qFatal("no database: %s", qPrintable(opened.error()));
        database = std::move(opened).value();
        QString reason;
        pass = gate.enter(kCallSid, reason);
        if (pass == nullptr)
            qFatal("the gate is shut: %s", qPrintable(reason));
    }

    // The carrier's REST API is there, and we have an account.
    void useCarrier(const QUrl &baseUrl)
    {
        settings.twilio.baseUrl = baseUrl;
        settings.twilio.accountSid = kAccountSid;
        settings.twilio.authTokens = {"the account's token"};
    }

    // Three minutes long. endedAgoMs < 0: it is still active.
    void putCall(const QString &business = {}, Direction direction = Direction::Inbound,
                 const QString &from = u"+15551230001"_s, const QString &to = u"+15559870002"_s,
                 qint64 endedAgoMs = 10'000)
    {
        startedAtMs = QDateTime::currentMSecsSinceEpoch() - std::max<qint64>(0, endedAgoMs) - 180'000;
        inTransaction([&](store::CallStore calls) {
            return calls.write(
                CallStarted{kCallSid, kStreamSid, kAccountSid, business, direction, from, to, startedAtMs});
        });
        if (endedAgoMs < 0)
            return;
        inTransaction([&](store::CallStore calls) {
            CallEnded ended;
            ended.callSid = kCallSid;
            ended.streamSid = kStreamSid;
            ended.reason = EndReason::CarrierStop;
            ended.atMs = startedAtMs + 180'000;
            return calls.write(ended);
        });
    }
    // One that nobody streamed: busy, no-answer, failed, canceled, or completed by other means.
    void putUnstreamedCall(const QString &status, const QString &business = {})
    {
        inTransaction([&](store::CallStore calls) {
            CallReport report;
            report.callSid = kCallSid;
            report.accountSid = kAccountSid;
            report.business = business;
            report.direction = u"outbound"_s;
            report.from = u"+15559870002"_s;
            report.to = u"+15551230001"_s;
            report.status = status;
            report.durationSeconds = 0;
            report.atMs = QDateTime::currentMSecsSinceEpoch() - 10'000;
            return calls.write(report);
        });
    }
    // The next one of the live transcript; two seconds apart unless told.
    void putTurn(Speaker speaker, const QString &text, bool interrupted = false, qint64 atMs = -1)
    {
        inTransaction([&](store::CallStore calls) {
            TurnFinished turn;
            turn.callSid = kCallSid;
            turn.streamSid = kStreamSid;
            turn.itemId = u"item_%1"_s.arg(m_turns);
            turn.speaker = speaker;
            turn.text = text;
            turn.interrupted = interrupted;
            turn.position = m_turns;
            turn.atMs = atMs >= 0 ? atMs : startedAtMs + 2000 * (m_turns + 1);
            return calls.write(turn);
        });
        ++m_turns;
    }
    void putRecording(const QString &status = u"completed"_s, int channels = 2, int seconds = 180,
                      const QString &sid = kRecordingSid, const QString &url = {})
    {
        inTransaction([&](store::CallStore calls) {
            RecordingReport report;
            report.callSid = kCallSid;
            report.recordingSid = sid;
            report.url = url;
            report.status = status;
            report.durationSeconds = seconds;
            report.channels = channels;
            report.startedAtMs = startedAtMs;
            report.atMs = QDateTime::currentMSecsSinceEpoch();
            return calls.write(report);
        });
    }
    void putReport(const CallReport &report)
    {
        inTransaction([&](store::CallStore calls) { return calls.write(report); });
    }
    // As if that stage had found it out.
    void putResult(Stage stage, const QJsonObject &result)
    {
        exec(u"INSERT INTO step_results (call_sid, stage, result, at_ms) VALUES (?, ?, ?, ?) "
             "ON CONFLICT (call_sid, stage) DO UPDATE SET result = excluded.result"_s,
             {kCallSid, QString(name(stage)), QString::fromUtf8(QJsonDocument(result).toJson(QJsonDocument::Compact)),
              QDateTime::currentMSecsSinceEpoch()});
    }
    void putArtifact(const store::Artifact &artifact)
    {
        exec(u"INSERT INTO artifacts (call_sid, kind, path, bytes, at_ms) VALUES (?, ?, ?, ?, ?) "
             "ON CONFLICT (call_sid, kind) DO UPDATE SET path = excluded.path, bytes = excluded.bytes"_s,
             {kCallSid, artifact.kind, artifact.path, artifact.bytes, QDateTime::currentMSecsSinceEpoch()});
    }
    // A file in the call's folder, on record. Its absolute path.
    QString putFile(const QString &kind, const QString &fileName, const QByteArray &content)
    {
        const QString path = "calls/"_L1 + kCallSid + u'/' + fileName;
        const QString absolute = settings.dataDir + u'/' + path;
        QDir().mkpath(QFileInfo(absolute).path());
        QFile file(absolute);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("can't write %s", qPrintable(absolute));
        file.close();
        putArtifact({kind, path, content.size()});
        return absolute;
    }
    // How far the pipeline has come with that stage.
    void putJobState(Stage stage, JobState state, const QString &reason = {})
    {
        ensureJob(stage);
        exec(u"UPDATE jobs SET state = ?, reason = ? WHERE call_sid = ? AND stage = ?"_s,
             {QString(name(state)), reason.isNull() ? u""_s : reason, kCallSid, QString(name(stage))});
    }

    // The call as it is on record now.
    [[nodiscard]] store::Dossier dossier()
    {
        auto call = store::readDossier(*database, kCallSid);
        if (!call)
            qFatal("no dossier: %s", qPrintable(call.error()));
        return std::move(call).value();
    }
    // A job of that stage, claimed. `job` says what else it is: attempt, snoozes, checkpoint.
    [[nodiscard]] store::Job claimed(Stage stage)
    {
        ensureJob(stage);
        exec(u"UPDATE jobs SET state = 'running', attempt = ?, lease_token = ?, lease_owner = 'test', "
             "lease_expires_at_ms = ? WHERE call_sid = ? AND stage = ?"_s,
             {job.attempt, job.token, QDateTime::currentMSecsSinceEpoch() + 3'600'000, kCallSid, QString(name(stage))});
        store::Job claimed = job;
        claimed.id = value(u"SELECT id FROM jobs WHERE call_sid = '%1' AND stage = '%2'"_s.arg(kCallSid, name(stage)))
                         .toLongLong();
        claimed.callSid = kCallSid;
        claimed.business = dossier().business;
        claimed.stage = stage;
        if (claimed.createdAtMs == 0)
            claimed.createdAtMs = startedAtMs + 180'000;
        return claimed;
    }
    [[nodiscard]] std::unique_ptr<jobs::JobContext> context(Stage stage)
    {
        const store::Job mine = claimed(stage);
        return std::make_unique<jobs::JobContext>(*pass, *database, settings, mine, dossier());
    }
    // Runs the stage here and now.
    [[nodiscard]] store::Outcome run(Stage stage, StageFunction function)
    {
        const auto with = context(stage);
        return function(*with);
    }
    // Writes the result and the artifacts of an outcome, and removes what is gone.
    void keep(Stage stage, const store::Outcome &outcome)
    {
        if (!outcome.effects.result.isEmpty())
            putResult(stage, outcome.effects.result);
        for (const store::Artifact &artifact : outcome.effects.artifacts)
            putArtifact(artifact);
        for (const QString &kind : outcome.effects.artifactsGone) {
            const QString path = value(u"SELECT path FROM artifacts WHERE kind = '%1' AND call_sid = '%2'"_s.arg(
                                           kind, kCallSid))
                                     .toString();
            if (!path.isEmpty())
                QFile::remove(settings.dataDir + u'/' + path);
            exec(u"DELETE FROM artifacts WHERE call_sid = ? AND kind = ?"_s, {kCallSid, kind});
        }
        putJobState(stage,
                    outcome.kind == AttemptOutcome::Completed ? JobState::Completed
                    : outcome.kind == AttemptOutcome::Skipped ? JobState::Skipped
                                                              : JobState::Failed,
                    outcome.reason);
    }
    // One value of the database.
    [[nodiscard]] QVariant value(const QString &sql)
    {
        QSqlQuery query(sql, database->handle());
        return query.next() ? query.value(0) : QVariant();
    }
    void exec(const QString &sql, const QVariantList &values)
    {
        QSqlQuery query(database->handle());
        bool ok = query.prepare(sql);
        for (const QVariant &v : values)
            query.addBindValue(v);
        ok = ok && query.exec();
        if (!ok)
            qFatal("%s: %s", qPrintable(sql), qPrintable(query.lastError().text()));
    }
    [[nodiscard]] QString filePath(const QString &name) const { return m_folder.filePath(name); }

private:
    QTemporaryDir m_folder;

public:
    config::Settings settings;
    std::shared_ptr<store::Database> database;
    jobs::CallGate gate{config::JobsSettings{}};
    std::shared_ptr<jobs::GatePass> pass;
    store::Job job; // what the claimed one is like
    qint64 startedAtMs = 0;

private:
    void inTransaction(const std::function<QSqlError(store::CallStore)> &write)
    {
        store::Transaction transaction(*database);
        const QSqlError error = write(store::CallStore(*database, u"test"_s));
        if (error.isValid() || !transaction.commit())
            qFatal("not on record: %s", qPrintable(error.text()));
    }
    void ensureJob(Stage stage)
    {
        exec(u"INSERT INTO jobs (call_sid, stage, state, priority, run_at_ms, max_attempts, created_at_ms) "
             "VALUES (?, ?, 'pending', 0, 0, 10, ?) ON CONFLICT (call_sid, stage) DO NOTHING"_s,
             {kCallSid, QString(name(stage)), startedAtMs + 180'000});
    }

    int m_turns = 0;
};

} // namespace takt::test
