// SPDX-License-Identifier: GPL-3.0-or-later
// The whole gateway, as its daemon builds it, between the simulated carrier and the simulated model: real sockets, real
// threads, a real database. For tests; used from the main thread.
#pragma once

#include "daemon.h"
#include "shared/controlprotocol.h"
#include "sim/simulation.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

class Rig
{
public:
    // `change`: of the settings; the simulator listens by then.
    using Change = std::function<void(config::Settings &, const Rig &)>;

    explicit Rig(const sim::SimulationOptions &options, const Change &change = {})
        : simulation(options)
    {
        const auto modelPort = simulation.start();
        if (!modelPort)
            qFatal("%s", qPrintable(modelPort.error()));
        config::Settings settings;
        settings.insecure = true;
        settings.listen.port = 0;
        settings.adminListen.port = 0;
        settings.admission.maxLateMs = 0; // a busy host is no matter of these tests
        settings.dataDir = m_dir.path();
        settings.databaseUrl = u"sqlite:"_s + m_dir.filePath(u"takt.db"_s);
        settings.jobs.gate = config::GateMode::OffHost; // what follows a call is the matter of tst_work
        settings.controlSocket = m_dir.filePath(u"takt.sock"_s);
        settings.speech.url = QUrl(u"ws://127.0.0.1:%1/v1/realtime"_s.arg(*modelPort));
        settings.speech.model = u"gpt-realtime"_s;
        settings.speech.apiKey = u"sk-test"_s;
        settings.speech.transcriptionModel = u"gpt-4o-mini-transcribe"_s;
        settings.speech.greeting = u"Greet the caller."_s;
        if (change)
            change(settings, *this);
        if (settings.businesses.all().isEmpty())
            settings.businesses = everybodys(settings);
        daemon = std::make_unique<Daemon>(settings);
        if (const QString error = daemon->start(); !error.isEmpty())
            qFatal("%s", qPrintable(error));
    }

    // One business that takes every number.
    static config::BusinessBook everybodys(const config::Settings &settings)
    {
        auto everybody = std::make_shared<config::Business>();
        everybody->speech = settings.speech;
        everybody->fallback = settings.fallback;
        return config::BusinessBook({}, everybody);
    }

    void begin() { simulation.call(daemon->port()); }
    sim::Verdict run(int milliseconds = 60'000)
    {
        begin();
        // The front door lives in this thread: its events must go on.
        finished = QTest::qWaitFor([this] { return simulation.done(); }, milliseconds);
        return simulation.finish();
    }
    // An operator's request over the control socket; the result, or {"error": ...}.
    QJsonObject operate(const QString &method, const QJsonObject &parameters = {})
    {
        QLocalSocket socket;
        socket.connectToServer(m_dir.filePath(u"takt.sock"_s));
        const QJsonObject request{{"id"_L1, 1}, {"method"_L1, method}, {"params"_L1, parameters}};
        socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
        QList<QJsonObject> lines;
        if (!QTest::qWaitFor(
                [&] {
                    while (socket.canReadLine())
                        lines << QJsonDocument::fromJson(socket.readLine()).object();
                    return lines.size() >= 2; // hello, and the answer
                },
                40'000))
            return {{"error"_L1, "no answer"_L1}};
        return lines[1].contains("result"_L1) ? lines[1]["result"_L1].toObject() : lines[1];
    }
    [[nodiscard]] QString path(const QString &name) const { return m_dir.filePath(name); }

    // Stops the gateway and asks its database.
    QVariant ask(const QString &sql)
    {
        daemon.reset();
        QVariant value;
        {
            QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"ask"_s);
            database.setDatabaseName(m_dir.filePath(u"takt.db"_s));
            if (!database.open())
                return {};
            QSqlQuery query(sql, database);
            if (query.next())
                value = query.value(0);
        }
        QSqlDatabase::removeDatabase(u"ask"_s);
        return value;
    }

private:
    QTemporaryDir m_dir;

public:
    sim::Simulation simulation;
    std::unique_ptr<Daemon> daemon;
    bool finished = false;
};

} // namespace takt::test
