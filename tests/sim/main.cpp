// SPDX-License-Identifier: GPL-3.0-or-later
// takt-sim: the outside world on a command line. The main thread only waits; see simulation.h.
#include "sim/capacity/capacity.h"
#include "sim/commandline.h"
#include "sim/replay/command.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include <csignal>
#include <cstdio>

namespace {

// Blocked before any thread starts, so that only wait() below ever sees them.
sigset_t blockEndingSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

bool signalled(const sigset_t &signals)
{
    const timespec pause{0, 100'000'000};
    return sigtimedwait(&signals, nullptr, &pause) > 0;
}

int fail(const QString &reason)
{
    std::fprintf(stderr, "takt-sim: %s\n", qPrintable(reason));
    return 2;
}

// takt-sim replay FILE: exit code 0 if it could be played.
int replay(const QStringList &arguments, const sigset_t &signals)
{
    auto read = takt::sim::readReplayCommand(arguments);
    if (!read)
        return fail(read.error());
    const takt::sim::ReplayCommand command = std::move(read).value();
    takt::sim::Replayer replayer(command.replay, command.options);
    const auto port = replayer.start();
    if (!port)
        return fail(port.error());
    std::fprintf(stderr, "model: ws://127.0.0.1:%d/v1/realtime\n", int(*port));
    replayer.call();
    while (!replayer.done() && !signalled(signals)) {
    }
    const takt::sim::ReplayVerdict verdict = replayer.finish();
    if (command.json)
        std::fputs(QJsonDocument(verdict.json()).toJson(QJsonDocument::Indented).constData(), stdout);
    else
        std::fputs(qPrintable(verdict.text()), stdout);
    return verdict.played ? 0 : 1;
}

QByteArray jsonOf(const takt::sim::Verdict &verdict, const QJsonObject &log)
{
    if (log.isEmpty())
        return verdict.json();
    QJsonObject root = QJsonDocument::fromJson(verdict.json()).object();
    root[QStringLiteral("log")] = log;
    return QJsonDocument(root).toJson(QJsonDocument::Indented);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 1 && std::string_view(argv[1]) == "capacity") {
        const QCoreApplication app(argc, argv);
        QStringList arguments = QCoreApplication::arguments();
        arguments.removeAt(1);
        return takt::capacity::runCapacity(arguments);
    }
    const sigset_t signals = blockEndingSignals();
    const QCoreApplication app(argc, argv);
    if (QCoreApplication::arguments().value(1) == QStringLiteral("replay"))
        return replay(QCoreApplication::arguments().sliced(2), signals);
    auto line = takt::sim::readCommandLine(QCoreApplication::arguments());
    if (!line)
        return fail(line.error());
    takt::sim::CommandLine command = std::move(line).value();
    if (!command.help.isEmpty()) {
        std::fputs(qPrintable(command.help), stdout);
        return 0;
    }
    if (command.progress) {
        command.options.progress = [](const std::string &text) { std::fprintf(stderr, "%s\n", text.c_str()); };
    }
    takt::sim::Simulation world(command.options);
    const auto port = world.start();
    if (!port)
        return fail(port.error());
    if (*port != 0)
        std::fprintf(stderr, "model: ws://127.0.0.1:%d/v1/realtime   seed: %llu\n", int(*port),
                     static_cast<unsigned long long>(command.options.carrier.seed));
    if (world.restPort() != 0)
        std::fprintf(stderr, "REST: http://127.0.0.1:%d/2010-04-01/Accounts/%s\n", int(world.restPort()),
                     world.accountSid().c_str());
    if (world.aiPort() != 0)
        std::fprintf(stderr, "AI: http://127.0.0.1:%d/v1\n", int(world.aiPort()));
    if (world.crmPort() != 0)
        std::fprintf(stderr, "CRM: http://127.0.0.1:%d/   secret: %s\n", int(world.crmPort()),
                     world.crmSecret().c_str());
    if (!command.modelOnly)
        world.call();
    while (!signalled(signals)) {
        if (!command.modelOnly && world.done())
            break;
    }
    const takt::sim::Verdict verdict = world.finish();
    if (command.json)
        std::fputs(jsonOf(verdict, command.worldOnly ? world.workLog() : QJsonObject()).constData(), stdout);
    else
        std::fputs(qPrintable(verdict.text()), stdout);
    return verdict.ok() ? 0 : 1;
}
