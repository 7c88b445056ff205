// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself: signals, settings read anew, exit codes. A real process, with a carrier and a model on real sockets.
#include "support/fakemodel.h"
#include "support/mediathread.h"

#include <QFile>
#include <QLocalServer>
#include <QProcess>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTemporaryDir>

#include <csignal>

using namespace takt::test;

namespace {

class Program
{
public:
    explicit Program(const QByteArray &settings = {}, const QStringList &arguments = {u"--insecure"_s},
                     const QMap<QString, QString> &variables = {})
    {
        write(settings);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"OPENAI_API_KEY"_s, u"sk-test"_s);
        environment.insert(u"TAKT_LISTEN"_s, u"127.0.0.1:0"_s);
        environment.insert(u"TAKT_ADMIN_LISTEN"_s, u"127.0.0.1:0"_s);
        environment.insert(u"TAKT_ADMISSION_MAX_LATE_MS"_s, u"0"_s);
        environment.insert(u"TAKT_DATA_DIR"_s, m_dir.path());
        environment.insert(u"TAKT_CONTROL_SOCKET"_s, controlSocket());
        environment.insert(u"TAKT_SPEECH_URL"_s, model.url().toString());
        for (auto it = variables.begin(); it != variables.end(); ++it)
            environment.insert(it.key(), it.value());
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(TAKT_GATEWAY), QStringList{u"--config"_s, file()} + arguments);
    }
    ~Program()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    void write(const QByteArray &settings)
    {
        QFile config(file());
        if (!config.open(QIODevice::WriteOnly) || config.write(settings) != settings.size())
            qFatal("can't write the settings");
    }
    // Waits for words in the log.
    bool says(const QString &words)
    {
        return QTest::qWaitFor(
            [&] {
                log += QString::fromUtf8(m_process.readAllStandardError());
                return log.contains(words);
            },
            20'000);
    }
    // Waits until it takes calls; its port.
    quint16 port()
    {
        if (!says(u"media threads"_s))
            return 0;
        return QRegularExpression(u"listens on 127.0.0.1:(\\d+)"_s).match(log).captured(1).toUShort();
    }
    void signal(int number) { ::kill(pid_t(m_process.processId()), number); }
    // Its exit code; -1: it does not end, or crashed.
    int exitCode(int milliseconds = 20'000)
    {
        if (!QTest::qWaitFor([&] { return m_process.state() == QProcess::NotRunning; }, milliseconds))
            return -1;
        log += QString::fromUtf8(m_process.readAllStandardError());
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    bool runs() const { return m_process.state() == QProcess::Running; }
    int ctl(const QStringList &arguments)
    {
        QProcess ctl;
        ctl.start(QStringLiteral(TAKT_GATEWAY),
                  QStringList{u"ctl"_s} + arguments + QStringList{u"--socket"_s, controlSocket()});
        const bool over = QTest::qWaitFor([&] { return ctl.state() == QProcess::NotRunning; }, 20'000);
        return over ? ctl.exitCode() : -1;
    }

    [[nodiscard]] QString controlSocket() const { return m_dir.filePath(u"takt.sock"_s); }

    FakeModel model;
    QString log;

private:
    [[nodiscard]] QString file() const { return m_dir.filePath(u"takt.toml"_s); }

    QTemporaryDir m_dir;
    QProcess m_process;
};

// A call that is on: the agent was asked to greet.
bool call(Program &program, FakeCarrier &carrier)
{
    if (!carrier.waitConnected())
        return false;
    carrier.sendStart();
    return QTest::qWaitFor([&] { return program.model.types().contains(u"response.create"_s); }, 10'000);
}

QUrl media(quint16 port)
{
    return QUrl(u"ws://127.0.0.1:%1/media"_s.arg(port));
}

} // namespace

class TestService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutCallsItEndsAtOnce_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void withoutCallsItEndsAtOnce()
    {
        QFETCH(int, number);
        Program program;
        QVERIFY(program.port() != 0);
        program.signal(number);
        QCOMPARE(program.exitCode(), 0);
    }

    void theFirstSigtermWaitsForCallsAndTheSecondDoesNot()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        QCOMPARE(program.ctl({u"drain"_s}), 0); // before, as operators do: it counts for no signal
        program.signal(SIGTERM);
        QVERIFY(program.says(u"draining"_s));
        QTest::qWait(500);
        QVERIFY(program.runs());
        QCOMPARE(carrier.socket.state(), QAbstractSocket::ConnectedState);
        FakeCarrier late(media(program.port()), 2);
        QTRY_COMPARE(late.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(program.ctl({u"undrain"_s}), 1); // it is to end
        program.signal(SIGTERM);
        QCOMPARE(program.exitCode(), 0);
        QVERIFY(program.log.contains("shutdown"_L1));
    }

    void aDrainEndsWithTheLastCall()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        program.signal(SIGTERM);
        QVERIFY(program.says(u"draining"_s));
        carrier.sendStop();
        QCOMPARE(program.exitCode(), 0);
        QVERIFY(program.log.contains("carrier_stop"_L1));
    }

    void undrainTakesCallsAgain()
    {
        Program program;
        const quint16 port = program.port();
        FakeCarrier carrier(media(port), 1);
        QVERIFY(call(program, carrier));
        QCOMPARE(program.ctl({u"drain"_s}), 0);
        QCOMPARE(program.ctl({u"undrain"_s}), 0);
        FakeCarrier next(media(port), 2);
        QVERIFY(next.waitConnected());
    }

    void settingsAreReadAnew()
    {
        Program program("drain_seconds = 5\n");
        QVERIFY(program.port() != 0);
        program.write("drain_seconds = \"long\"\ncolour = 1\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings not read anew: "_s));
        QVERIFY(program.log.contains("line 1: drain_seconds must"_L1));
        QVERIFY(program.log.contains("line 2: unknown setting colour"_L1));
        program.write("drain_seconds = 7\n[tls]\ntrust = \"ours.pem\"\n[tx]\nlead_ms = 40\n[log]\nformat = \"json\"\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings read anew"_s));
        QVERIFY(program.says(u"these take effect with a restart: tx, tls.trust, log.format"_s));
        program.signal(SIGTERM);
        QCOMPARE(program.exitCode(), 0);
    }

    // ... and does the first one no harm.
    void aSecondOneIsRefused()
    {
        Program first;
        QVERIFY(first.port() != 0);
        Program second({}, {u"--insecure"_s}, {{u"TAKT_CONTROL_SOCKET"_s, first.controlSocket()}});
        QCOMPARE(second.exitCode(), 2);
        QVERIFY2(second.log.contains("takt-gateway: another gateway serves the control socket"_L1),
                 qPrintable(second.log));
        QCOMPARE(first.ctl({u"status"_s}), 0);
    }

    // Of one that was killed, what the kernel has not cleared up yet.
    void itWaitsForWhatItsPredecessorHolds()
    {
        QTemporaryDir dir;
        QLocalServer control;
        QVERIFY(control.listen(dir.filePath(u"takt.sock"_s)));
        QTcpServer admin, door;
        QVERIFY(admin.listen(QHostAddress::LocalHost) && door.listen(QHostAddress::LocalHost));
        const auto address = [](const QTcpServer &server) { return u"127.0.0.1:%1"_s.arg(server.serverPort()); };
        Program program({}, {u"--insecure"_s},
                        {{u"TAKT_CONTROL_SOCKET"_s, control.fullServerName()},
                         {u"TAKT_ADMIN_LISTEN"_s, address(admin)},
                         {u"TAKT_LISTEN"_s, address(door)}});
        QVERIFY(program.says(u"another gateway serves the control socket"_s));
        control.close();
        QVERIFY(program.says(u"can't listen on "_s + address(admin)));
        admin.close();
        QVERIFY(program.says(u"can't listen on "_s + address(door)));
        door.close();
        QVERIFY2(program.port() != 0, qPrintable(program.log));
    }

    void wrongSettingsAreItsEnd()
    {
        Program program("colour = 1\n");
        QCOMPARE(program.exitCode(), 2);
        QVERIFY(program.log.contains("line 1: unknown setting colour"_L1));
    }

    void withoutSignaturesItWantsToBeTold()
    {
        Program program({}, {});
        QCOMPARE(program.exitCode(), 2);
        QVERIFY(program.log.contains("TWILIO_AUTH_TOKEN"_L1));
        QVERIFY(program.log.contains("public_url"_L1));
    }
};

QTEST_GUILESS_MAIN(TestService)
#include "tst_service.moc"
