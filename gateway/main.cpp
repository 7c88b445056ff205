// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"
#include "control/ctl.h"
#include "daemon.h"
#include "telemetry/log.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

constexpr int kUsage = 2;

int g_signalPipe[2]; // a signal handler may do nothing but write to it

void onSignal(int)
{
    const char one = 1;
    [[maybe_unused]] const auto n = write(g_signalPipe[0], &one, 1);
}

// SIGTERM and SIGINT end the event loop.
void quitOnSignals(QCoreApplication &app)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, g_signalPipe) != 0)
        return;
    auto *notifier = new QSocketNotifier(g_signalPipe[1], QSocketNotifier::Read, &app);
    QObject::connect(notifier, &QSocketNotifier::activated, &app, &QCoreApplication::quit);
    for (const int number : {SIGTERM, SIGINT})
        std::signal(number, onSignal);
    std::signal(SIGPIPE, SIG_IGN);
}

// Two sockets a call: take all descriptors that we may have.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int fail(const QString &text)
{
    std::fputs(qUtf8Printable(u"takt-gateway: "_s + QString(text).replace(u'\n', u"\ntakt-gateway: "_s) + u'\n'),
               stderr);
    return kUsage;
}

int runGateway(const config::Settings &settings, QCoreApplication &app)
{
    raiseDescriptorLimit();
    const telemetry::AsyncLog log;
    Daemon daemon(settings);
    if (const QString error = daemon.start(); !error.isEmpty())
        return fail(error);
    quitOnSignals(app);
    const int code = QCoreApplication::exec();
    daemon.stop();
    return code;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(u"takt-gateway"_s);
    QCoreApplication::setApplicationVersion(QString::fromLatin1(TAKT_VERSION));

    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == "ctl"_L1)
        return control::runCtl(arguments.sliced(2), config::controlSocket(config::systemEnvironment()));

    QCommandLineParser parser;
    parser.setApplicationDescription(u"Keeps the beat on phone calls that a speech model answers.\n"
                                     "Also: takt-gateway ctl status|calls|watch, for a gateway that runs."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption configFile(u"config"_s, u"Settings (TOML); see resources/takt.example.toml."_s, u"file"_s);
    const QCommandLineOption role(u"role"_s, u"What this process does: all or media."_s, u"role"_s, u"all"_s);
    const QCommandLineOption check(u"check-config"_s, u"Check the settings and exit."_s);
    const QCommandLineOption insecure(u"insecure"_s, u"Accept unsigned carriers; on a loopback address only."_s);
    parser.addOptions({configFile, role, check, insecure});
    parser.process(app);
    if (parser.value(role) != "all"_L1 && parser.value(role) != "media"_L1)
        return fail(u"--role must be all or media (this version has no job worker yet)"_s);

    const auto settings = config::load(parser.value(configFile), config::systemEnvironment(), parser.isSet(insecure));
    if (!settings)
        return fail(settings.error());
    if (parser.isSet(check)) {
        std::puts("the settings are good");
        return 0;
    }
    return runGateway(*settings, app);
}
