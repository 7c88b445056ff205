// SPDX-License-Identifier: GPL-3.0-or-later
#include "service.h"

#include "servicemanager.h"
#include "telemetry/log.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

int g_signalPipe[2]; // a signal handler may do nothing but write to it

void writeSignal(int number)
{
    const char byte = char(number);
    [[maybe_unused]] const auto n = write(g_signalPipe[0], &byte, 1);
}

} // namespace

Service::Service(Daemon &daemon, Loader loader)
    : m_daemon(daemon)
    , m_loader(std::move(loader))
{
    listenToSignals();
    connect(&m_daemon, &Daemon::finished, qApp, &QCoreApplication::quit);
    startWatchdog();
    servicemanager::notifyReady();
}

void Service::listenToSignals()
{
    std::signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, g_signalPipe) != 0)
        return;
    auto *notifier = new QSocketNotifier(g_signalPipe[1], QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        char number = 0;
        while (read(g_signalPipe[1], &number, 1) == 1)
            onSignal(number);
    });
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        std::signal(number, writeSignal);
}

void Service::onSignal(int number)
{
    if (number == SIGHUP) {
        reload();
        return;
    }
    servicemanager::notifyStopping();
    if (number == SIGTERM && !std::exchange(m_terminated, true))
        m_daemon.drainForGood();
    else
        m_daemon.endCalls();
}

void Service::reload()
{
    servicemanager::notifyReloading();
    const auto settings = m_loader();
    QString problem = settings ? QString() : settings.error();
    const QStringList restart = settings ? m_daemon.apply(*settings, problem) : QStringList();
    if (!problem.isEmpty()) {
        // All in one line: of lines that repeat each other the log keeps one a second.
        qCCritical(lcGateway).noquote() << "settings not read anew:" << problem.replace(u'\n', u"; "_s);
    } else {
        qCInfo(lcGateway) << "settings read anew, for calls from now on";
    }
    if (!restart.isEmpty())
        qCWarning(lcGateway).noquote() << "these take effect with a restart:" << restart.join(u", "_s);
    servicemanager::notifyReady();
}

// The watchdog is fed only when every media thread has answered: a beat that hangs is as bad as a process that does.
void Service::startWatchdog()
{
    const int intervalMs = servicemanager::watchdogIntervalMs();
    if (intervalMs <= 0)
        return;
    connect(&m_watchdog, &QTimer::timeout, this, [this] { m_daemon.probe(servicemanager::pingWatchdog); });
    m_watchdog.start(intervalMs);
}

} // namespace takt
