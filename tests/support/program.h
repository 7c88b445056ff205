// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway as a program, with settings, a folder and a model of its own. For tests; used from the main thread.
#pragma once

#include "support/fakemodel.h"
#include "support/mediathread.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <unistd.h>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

class Program
{
public:
    explicit Program(const QByteArray &settings = {}, const QStringList &arguments = {u"--insecure"_s},
                     const QMap<QString, QString> &variables = {}, int stderrTo = -1)
    {
        write(settings);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const QStringList keys = environment.keys();
        for (const QString &key : keys) {
            if (key.startsWith("TAKT_"_L1))
                environment.remove(key); // those of whoever runs the tests
        }
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
        if (stderrTo >= 0)
            m_process.setChildProcessModifier([stderrTo] { ::dup2(stderrTo, 2); });
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
    // Waits until it takes calls, and signals; its port.
    quint16 port()
    {
        if (!says(u"media threads"_s) || !QTest::qWaitFor([this] { return heedsSignals(); }, 20'000))
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
        said = QString::fromUtf8(m_process.readAllStandardOutput());
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    bool runs() const { return m_process.state() == QProcess::Running; }
    // The exit code of `takt-gateway ctl`, which speaks to this one unless it is told otherwise; -1: it does not end.
    int ctl(const QStringList &arguments)
    {
        QProcess ctl;
        const QStringList here = arguments.contains(u"--socket"_s) ? QStringList()
                                                                   : QStringList{u"--socket"_s, controlSocket()};
        ctl.start(QStringLiteral(TAKT_GATEWAY), QStringList{u"ctl"_s} + arguments + here);
        const bool over = QTest::qWaitFor([&] { return ctl.state() == QProcess::NotRunning; }, 20'000);
        ctlSaid = QString::fromUtf8(ctl.readAllStandardOutput() + ctl.readAllStandardError());
        return over ? ctl.exitCode() : -1;
    }

    [[nodiscard]] QString controlSocket() const { return path(u"takt.sock"_s); }

    [[nodiscard]] QString path(const QString &name) const { return m_dir.filePath(name); }

    FakeModel model;
    QString log;     // standard error
    QString said;    // standard output; when it has ended
    QString ctlSaid; // by the last ctl(), to both

private:
    [[nodiscard]] QString file() const { return path(u"takt.toml"_s); }
    // SIGHUP is the last one that it takes up; before, it would end it.
    [[nodiscard]] bool heedsSignals() const
    {
        QFile status(u"/proc/%1/status"_s.arg(m_process.processId()));
        if (!status.open(QIODevice::ReadOnly))
            return false;
        static const QRegularExpression s_caught(u"SigCgt:\\s*([0-9a-f]+)"_s);
        const quint64 caught =
            s_caught.match(QString::fromLatin1(status.readAll())).captured(1).toULongLong(nullptr, 16);
        return (caught >> (SIGHUP - 1) & 1) != 0;
    }

    QTemporaryDir m_dir;
    QProcess m_process;
};

// A call that is on: the agent was asked to greet.
inline bool call(Program &program, FakeCarrier &carrier)
{
    if (!carrier.waitConnected())
        return false;
    carrier.sendStart();
    return QTest::qWaitFor([&] { return program.model.types().contains(u"response.create"_s); }, 10'000);
}

inline QUrl media(quint16 port)
{
    return QUrl(u"ws://127.0.0.1:%1/media"_s.arg(port));
}

} // namespace takt::test
