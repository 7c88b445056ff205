// SPDX-License-Identifier: GPL-3.0-or-later
// The real takt-gateway as a process that may be killed at any moment, the simulated world around it, which goes on, and
// the questions that the database, the files and the world have to answer afterwards. For tests; used from the main thread.
#pragma once

#include "carrier/signature.h"
#include "shared/jobfacts.h"
#include "store/callstore.h"
#include "support/httpclient.h"
#include "support/storetest.h"
#include "support/workrig.h"

#include <QDir>
#include <QElapsedTimer>
#include <QProcess>
#include <QSet>

#include <array>
#include <csignal>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace takt::test {

class CrashRig
{
public:
    // An empty URL: SQLite in the data directory.
    explicit CrashRig(const QString &dataDir, const QString &databaseUrl = {})
        : simulation(world())
        , m_dataDir(dataDir)
        , m_url(databaseUrl.isEmpty() ? u"sqlite:"_s + dataDir + u"/takt.db"_s : databaseUrl)
        , m_port(freePort())
    {
        const auto modelPort = simulation.start();
        if (!modelPort)
            qFatal("%s", qPrintable(modelPort.error()));
        m_modelPort = *modelPort;
        // The schema must be there before calls of the past are put into it.
        auto opened = store::Database::open(m_url);
        if (!opened)
            qFatal("%s", qPrintable(opened.error()));
        db = *opened;
        simulation.call(m_port);
        wrapFfmpeg();
    }
    ~CrashRig()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    Q_DISABLE_COPY_MOVE(CrashRig)

    // The program -------------------------------------------------------------------------------------------------------

    // False: it does not come up (or has met its failpoint on the way).
    bool start(const QByteArray &failpoint = {})
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const auto set = [&](const char *name, const QString &value) {
            environment.insert(QString::fromLatin1(name), value);
        };
        const auto local = [](const char *scheme, quint16 port, const char *path) {
            return u"%1://127.0.0.1:%2%3"_s.arg(QString::fromLatin1(scheme)).arg(port).arg(QString::fromLatin1(path));
        };
        set("TAKT_FAILPOINT", QString::fromLatin1(failpoint));
        set("TAKT_LISTEN", u"127.0.0.1:%1"_s.arg(m_port));
        set("TAKT_ADMIN_LISTEN", u"127.0.0.1:0"_s);
        set("TAKT_PUBLIC_URL", QString::fromLatin1(kPublicUrl));
        set("TAKT_DATA_DIR", m_dataDir);
        set("TAKT_DATABASE_URL", m_url);
        set("TAKT_CONTROL_SOCKET", m_dir.filePath(u"takt.sock"_s));
        set("OPENAI_API_KEY", u"sk-test"_s);
        set("TAKT_SPEECH_URL", local("ws", m_modelPort, "/v1/realtime"));
        set("TAKT_OPENAI_BASE_URL", local("http", simulation.aiPort(), "/v1"));
        set("TWILIO_ACCOUNT_SID", QString::fromStdString(simulation.accountSid()));
        set("TWILIO_AUTH_TOKEN", QString::fromStdString(simulation.authToken()));
        set("TAKT_TWILIO_BASE_URL", local("http", simulation.restPort(), ""));
        set("TAKT_WEBHOOK_URL", local("http", simulation.crmPort(), "/hooks/takt"));
        set("TAKT_WEBHOOK_SECRET", QString::fromStdString(simulation.crmSecret()));
        set("TAKT_WEBHOOK_ALLOW_NETWORKS", u"127.0.0.0/8"_s);
        set("TAKT_FALLBACK_SAY", u"Nobody is here."_s);
        set("TAKT_JOBS_FFMPEG", m_dir.filePath(u"ffmpeg"_s));
        for (const char *busyHost : {"ADMISSION_MAX_LATE_MS", "JOBS_FREEZE_LATE_MS", "JOBS_FREEZE_BURST_CALLS"})
            set(QByteArray("TAKT_").append(busyHost).constData(), u"0"_s); // no matter of these tests
        m_process.setProcessEnvironment(environment);
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(logFile(), QIODevice::Append);
        // A write beyond the limit of space() fails, instead of ending the process.
        m_process.setChildProcessModifier([] { std::signal(SIGXFSZ, SIG_IGN); });
        m_process.start(QStringLiteral(TAKT_GATEWAY), {});
        m_since.start();
        return QTest::qWaitFor([this] { return !runs() || answers(); }, 30'000) && runs();
    }
    [[nodiscard]] bool runs() const { return m_process.state() != QProcess::NotRunning; }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    // Until it meets its failpoint, or has nothing more to do. True: it met it.
    bool dies(int milliseconds)
    {
        QElapsedTimer patience;
        patience.start();
        while (runs() && patience.elapsed() < milliseconds && !(simulation.done() && unfinished().isEmpty()))
            QTest::qWait(50);
        if (!runs())
            return m_process.exitStatus() == QProcess::CrashExit && m_process.exitCode() == SIGKILL;
        kill();
        return false;
    }
    // How large its files may be from now on: more is a full disk.
    void space(rlim_t bytes)
    {
        const rlimit limit{bytes, RLIM_INFINITY};
        if (prlimit(pid_t(m_process.processId()), RLIMIT_FSIZE, &limit, nullptr) != 0)
            QTest::qFail("the limit can't be set", __FILE__, __LINE__);
    }
    [[nodiscard]] qint64 sinceStartMs() const { return m_since.elapsed(); }
    [[nodiscard]] QByteArray log() const
    {
        QFile file(logFile());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    // Webhooks that were answered though the database had not yet taken what they told.
    [[nodiscard]] qsizetype answersBeforeRecord() const { return log().count("answered a webhook before"); }

    // Calls -------------------------------------------------------------------------------------------------------------

    // A call that has a recording: ended, or left open by a process that is gone. Its CallSid; empty when the database
    // does not take it.
    QString putCall(bool ended)
    {
        const int n = ++m_number;
        const QString call = u"CA%1"_s.arg(n, 32, 16, QChar(u'0'));
        const QString stream = u"MZ%1"_s.arg(n, 32, 16, QChar(u'0'));
        const qint64 at = QDateTime::currentMSecsSinceEpoch() - 60'000;
        store::Transaction transaction(*db);
        store::CallStore calls(*db, u"dead"_s);
        QSqlError error = calls.write(CallStarted{call,
                                                  stream,
                                                  QString::fromStdString(simulation.accountSid()),
                                                  {},
                                                  Direction::Inbound,
                                                  u"+1555777%1"_s.arg(n % 5, 4, 10, QChar(u'0')),
                                                  QString::fromLatin1(kBikes),
                                                  at});
        TurnFinished turn;
        turn.callSid = call;
        turn.streamSid = stream;
        turn.text = u"I would like to have my bicycle repaired."_s;
        turn.atMs = at + 5000;
        if (!error.isValid())
            error = calls.write(turn);
        if (!error.isValid() && ended)
            error = calls.write(CallEnded{call, stream, EndReason::CarrierStop, {}, 0, {}, at + 20'000});
        if (error.isValid() || !transaction.commit())
            return {};
        m_put << call;
        if (simulation.addRecording(call.toStdString(), 2).empty())
            qFatal("the carrier takes no recording");
        return call;
    }
    // Asks what a call that came just now shall hear. The answer's status, in the moment in which it is there.
    int askVoice(const QString &callSid)
    {
        const carrier::Form form{{"CallSid", callSid.toLatin1()},
                                 {"AccountSid", QByteArray::fromStdString(simulation.accountSid())},
                                 {"To", kBikes},
                                 {"Direction", "inbound"},
                                 {"CallStatus", "ringing"}};
        const QByteArray path = "/twilio/voice";
        const QByteArray signature = carrier::sign(QByteArray::fromStdString(simulation.authToken()), kPublicUrl + path,
                                                   form);
        HttpClient client(m_port);
        client.send(post(path, carrier::encodeForm(form), "X-Twilio-Signature: " + signature + "\r\n"));
        return client.waitAnswer() ? client.status() : 0;
    }
    void ring(int calls, double seconds = 1.5)
    {
        for (int i = 0; i < calls; ++i)
            simulation.addCall(phonePlan(seconds));
    }

    // Answers -----------------------------------------------------------------------------------------------------------

    // What is still to be done; empty: nothing.
    [[nodiscard]] QString unfinished()
    {
        if (!db->revive())
            return u"no database"_s;
        QStringList open = rows(db, u"SELECT 'call ' || call_sid || ' of ' || owner || ' is open' FROM calls "
                                    "WHERE ended_at_ms IS NULL"_s);
        open += rows(db,
                     u"SELECT stage || ' of ' || call_sid || ' is ' || state || ' (' || reason || ') since attempt ' "
                     "|| attempt FROM jobs WHERE finished_at_ms IS NULL"_s);
        return open.join(u'\n');
    }
    // All calls are over, and all of their work is done. -1: not in time, else how long after the last start.
    qint64 finishedMs(qint64 milliseconds)
    {
        const bool over = QTest::qWaitFor([this] { return simulation.done(); }, 60'000);
        while (over && m_since.elapsed() < milliseconds) {
            if (unfinished().isEmpty())
                return m_since.elapsed();
            QTest::qWait(50);
        }
        return -1;
    }
    // What was lost or done twice; `crashes`: how often it may have died between an answer of the CRM and writing it down.
    [[nodiscard]] QString harm(int crashes)
    {
        QStringList wrong = callsHarmed();
        wrong += rows(
            db, u"SELECT 'call ' || c.call_sid || ' has ' || COUNT(j.id) || ' jobs' FROM calls c LEFT JOIN jobs j "
                "ON j.call_sid = c.call_sid GROUP BY c.call_sid HAVING COUNT(j.id) <> 7"_s);
        wrong += rows(db, u"SELECT stage || ' of ' || call_sid || ' has failed: ' || reason FROM jobs "
                          "WHERE state NOT IN ('completed', 'skipped')"_s);
        wrong += rows(db, u"SELECT 'an attempt at job ' || job_id || ' never ended' FROM job_attempts "
                          "WHERE ended_at_ms IS NULL OR outcome = ''"_s);
        wrong += rows(db, u"SELECT 'call ' || c.call_sid || ' has ' || COUNT(e.id) || ' lead effects' FROM calls c "
                          "LEFT JOIN lead_events e ON e.call_sid = c.call_sid AND e.effect = 'call' "
                          "GROUP BY c.call_sid HAVING COUNT(e.id) <> 1"_s);
        wrong += rows(
            db, u"SELECT 'call ' || c.call_sid || ' has no message that is delivered' FROM calls c WHERE NOT EXISTS "
                "(SELECT 1 FROM webhook_messages m WHERE m.call_sid = c.call_sid "
                "AND m.delivered_at_ms IS NOT NULL)"_s);
        const QString counted = value(db, u"SELECT SUM(calls) FROM leads"_s).toString();
        const QString there = value(db, u"SELECT COUNT(*) FROM calls"_s).toString();
        if (counted != there)
            wrong << u"leads count %1 calls, and there are %2"_s.arg(counted, there);
        wrong += crmHarmed(crashes);
        wrong += filesHarmed();
        return wrong.join(u'\n');
    }

    sim::Simulation simulation;
    std::shared_ptr<store::Database> db;

private:
    static sim::SimulationOptions world()
    {
        sim::SimulationOptions options = workWorld();
        options.phone.webhookSeconds = 3;
        return options;
    }

    // The gateway's children take only the time that nobody else wants: on a host whose other processes never rest that is
    // none at all. Here they are made to compete.
    void wrapFfmpeg() const
    {
        QFile script(m_dir.filePath(u"ffmpeg"_s));
        const QByteArray text =
            "#!/bin/sh\n{ chrt -o -p 0 $$; renice -n 0 -p $$; } >/dev/null 2>&1\nexec ffmpeg \"$@\"\n";
        if (!script.open(QIODevice::WriteOnly) || script.write(text) != text.size()
            || !script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
            qFatal("can't write a script");
    }

    static quint16 freePort()
    {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *any = reinterpret_cast<sockaddr *>(&address);
        if (bind(fd, any, size) != 0 || getsockname(fd, any, &size) != 0)
            qFatal("no port is free");
        ::close(fd);
        return ntohs(address.sin_port);
    }

    [[nodiscard]] bool answers() const
    {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(m_port);
        const bool open = connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        ::close(fd);
        return open;
    }

    // An answer is a promise to remember what the webhook told, unless the log says that the database was too slow for that.
    [[nodiscard]] QStringList callsHarmed()
    {
        const QStringList there = rows(db, u"SELECT call_sid FROM calls"_s);
        const QSet<QString> known(there.begin(), there.end());
        QStringList wrong;
        QStringList lost;
        QSet<QString> rang(m_put.begin(), m_put.end());
        for (const QString &call : std::as_const(m_put)) {
            if (!known.contains(call))
                wrong << u"call %1 is lost"_s.arg(call);
        }
        for (const sim::CallRecord &record : simulation.records()) {
            const QString call = QString::fromStdString(record.phone.callSid);
            rang << call;
            const auto &fetches = record.phone.fetches;
            if (!fetches.empty() && fetches.front().status == 200 && !known.contains(call))
                lost << u"call %1 was answered, and is lost (%2)"_s.arg(call, verbs(record));
            lost += callbacksLost(record);
        }
        if (lost.size() > answersBeforeRecord())
            wrong += lost;
        for (const QString &call : there) {
            if (!rang.contains(call))
                wrong << u"call %1 never was"_s.arg(call);
        }
        return wrong;
    }

    [[nodiscard]] QStringList callbacksLost(const sim::CallRecord &record)
    {
        QStringList lost;
        const QString call = QString::fromStdString(record.phone.callSid);
        for (const sim::CallbackRecord &callback : record.phone.callbacks) {
            const bool ended = callback.kind == "status:completed";
            if (sim::failed(callback) || (!ended && callback.kind != "recording:completed"))
                continue;
            const QString sql = ended ? u"SELECT COUNT(*) FROM calls WHERE call_sid = '%1' AND carrier_progress = 4"_s
                                      : u"SELECT COUNT(*) FROM recordings WHERE call_sid = '%1' AND progress = 3"_s;
            if (value(db, sql.arg(call)).toInt() == 0)
                lost << u"%1 of call %2 was answered, and is lost"_s.arg(QString::fromStdString(callback.kind), call);
        }
        return lost;
    }

    [[nodiscard]] QStringList crmHarmed(int crashes)
    {
        QMap<QString, QSet<QString>> ids; // by the call
        for (const sim::CrmReceipt &receipt : simulation.crmReceipts()) {
            const QJsonObject body = QJsonDocument::fromJson(QByteArray::fromStdString(receipt.body)).object();
            if (receipt.received)
                ids[body["call_id"_L1].toString()] << QString::fromStdString(receipt.id);
        }
        QStringList wrong;
        const QStringList calls = rows(db, u"SELECT call_sid FROM calls"_s);
        for (const QString &call : calls) {
            if (ids.value(call).size() != 1)
                wrong << u"the CRM knows %1 ids of call %2"_s.arg(ids.value(call).size()).arg(call);
        }
        const sim::WorkRecord work = simulation.work();
        if (work.changedBodies != 0 || work.badSignatures != 0 || work.ids.size() != std::size_t(calls.size()))
            wrong << u"the CRM: %1 ids, %2 bodies changed, %3 signatures wrong"_s.arg(work.ids.size())
                         .arg(work.changedBodies)
                         .arg(work.badSignatures);
        if (work.duplicates > crashes)
            wrong << u"the CRM heard %1 times twice, of %2 crashes"_s.arg(work.duplicates).arg(crashes);
        return wrong;
    }

    // Each file is on record, and each that is on record is there.
    [[nodiscard]] QStringList filesHarmed()
    {
        QStringList wrong;
        QStringList known = rows(db, u"SELECT path FROM artifacts"_s);
        for (const QString &call : std::as_const(m_put)) {
            if (!known.contains(u"calls/%1/archive.ogg"_s.arg(call)))
                wrong << u"the recording of call %1 is gone"_s.arg(call);
        }
        const QDir root(m_dataDir);
        const QDir folder(root.filePath(u"calls"_s));
        const QStringList calls = folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &call : calls) {
            const QStringList files = QDir(folder.filePath(call)).entryList(QDir::Files);
            for (const QString &file : files) {
                if (known.removeAll(u"calls/%1/%2"_s.arg(call, file)) == 0)
                    wrong << u"the file %1/%2 belongs to nothing"_s.arg(call, file);
            }
        }
        for (const QString &lost : std::as_const(known))
            wrong << u"the file %1 is gone"_s.arg(lost);
        return wrong;
    }

    [[nodiscard]] QString logFile() const { return m_dir.filePath(u"gateway.log"_s); }

    QTemporaryDir m_dir;
    QString m_dataDir;
    QString m_url;
    quint16 m_port;
    quint16 m_modelPort = 0;
    QProcess m_process;
    QElapsedTimer m_since;
    QStringList m_put;
    int m_number = 0;
};

} // namespace takt::test
