// SPDX-License-Identifier: GPL-3.0-or-later
// A display that nobody sees: an Xvfb of the test's own. Before there is an application; main thread.
#pragma once

#include <QProcess>

#include <csignal>
#include <sys/prctl.h>

// A child that does not outlive the test, however that ends.
class Child final : public QProcess
{
public:
    Child()
    {
        setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGKILL); });
    }
};

class Screen
{
public:
    ~Screen()
    {
        m_server.kill();
        m_server.waitForFinished();
    }
    // On any free display, which the environment then names. False: there is no Xvfb, or it does not start.
    [[nodiscard]] bool start(const char *size)
    {
        m_server.setStandardErrorFile(QProcess::nullDevice());
        m_server.start(QStringLiteral("Xvfb"),
                       {QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-screen"),
                        QStringLiteral("0"), QString::fromLatin1(size), QStringLiteral("-nolisten"),
                        QStringLiteral("tcp")});
        QByteArray number;
        while (!number.contains('\n')) {
            if (!m_server.waitForReadyRead(20'000))
                return false;
            number += m_server.readAllStandardOutput();
        }
        qputenv("DISPLAY", ':' + number.trimmed());
        qputenv("QT_QPA_PLATFORM", "xcb");
        qunsetenv("WAYLAND_DISPLAY");
        return true;
    }

private:
    Child m_server;
};
