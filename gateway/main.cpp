// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"
#include "control/ctl.h"
#include "daemon.h"
#include "http/tls.h"
#include "jobs/webhooksign.h"
#include "media/beatdispatcher.h"
#include "service.h"
#include "telemetry/log.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QStandardPaths>

#include <cstdio>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

constexpr int kRecordsLost = 1;
constexpr int kUsage = 2;

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

// What the settings can't know of themselves: secrets that must be of some form, files that must be readable, programs
// that must be there.
QString checkFurther(const config::Settings &settings)
{
    if (const auto keys = jobs::parseWebhookKeys(settings.webhook.secret); !keys)
        return u"TAKT_WEBHOOK_SECRET: "_s + keys.error();
    for (const config::BusinessPtr &business : settings.businesses.all()) {
        if (const auto keys = jobs::parseWebhookKeys(business->webhookSecret); !keys)
            return u"webhook_secret_file of business \"%1\": %2"_s.arg(business->name, keys.error());
    }
    const QString &ffmpeg = settings.jobs.ffmpeg;
    if (settings.claimsJobs() && !ffmpeg.isEmpty() && QStandardPaths::findExecutable(ffmpeg).isEmpty())
        return u"jobs.ffmpeg: there is no program %1"_s.arg(ffmpeg);
    if (!settings.tls.trustFile.isEmpty()) {
        if (const auto trusted = http::loadTrusted(settings.tls.trustFile); !trusted)
            return u"tls.trust: "_s + trusted.error();
    }
    if (!settings.tls.wanted())
        return {};
    const auto tls = http::loadTls(settings.tls.certificateFile, settings.tls.keyFile);
    return tls ? QString() : tls.error();
}

// What is odd, and no reason not to run.
QStringList oddities(const config::Settings &settings)
{
    QStringList odd;
    if (const QStringList unknown = config::unknownVariables(config::systemEnvironment()); !unknown.isEmpty())
        odd << u"no settings, and ignored: "_s + unknown.join(u", "_s);
    if (settings.claimsJobs() && settings.jobs.ffmpeg.isEmpty()
        && QStandardPaths::findExecutable(u"ffmpeg"_s).isEmpty())
        odd << u"there is no ffmpeg in the PATH: recordings can't be converted"_s;
    return odd;
}

int runGateway(const config::Settings &settings, const Service::Loader &loader)
{
    umask(0077); // what is said on calls is nobody else's business, whoever starts us
    raiseDescriptorLimit();
    if (qEnvironmentVariableIntValue("DEBUG_TX") != 0)
        QLoggingCategory::setFilterRules(u"takt.tx.metrics.debug=true"_s);
    const telemetry::AsyncLog log(telemetry::formatFor(settings.logAsJson, 2, qgetenv("JOURNAL_STREAM")));
    for (const QString &odd : oddities(settings))
        qCWarning(telemetry::lcGateway).noquote() << odd;
    if (!settings.tls.trustFile.isEmpty()) {
        if (const auto trusted = http::loadTrusted(settings.tls.trustFile); trusted)
            http::trustAlso(*trusted); // for good: what runs keeps what it began with
    }
    Daemon daemon(settings);
    if (const QString error = daemon.start(); !error.isEmpty())
        return fail(error);
    const Service service(daemon, loader);
    const int code = QCoreApplication::exec();
    return daemon.stop() ? code : kRecordsLost;
}

} // namespace

int main(int argc, char **argv)
{
    // The front door has thousands of sockets when strangers call: Qt's own dispatchers look at each of them every time.
    QCoreApplication::setEventDispatcher(new media::BeatDispatcher);
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(u"takt-gateway"_s);
    QCoreApplication::setApplicationVersion(QString::fromLatin1(TAKT_VERSION));

    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == "ctl"_L1)
        return control::runCtl(arguments.sliced(2), config::controlSocket(config::systemEnvironment()));

    QCommandLineParser parser;
    parser.setApplicationDescription(u"Keeps the beat on phone calls that a speech model answers.\n"
                                     "Also: takt-gateway ctl COMMAND, for a gateway that runs (ctl --help)."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption configFile(u"config"_s, u"Settings (TOML); see resources/takt.example.toml."_s, u"file"_s);
    const QCommandLineOption role(u"role"_s,
                                  u"What this process does: all, media (calls) or worker (the work after them)."_s,
                                  u"role"_s, u"all"_s);
    const QCommandLineOption check(u"check-config"_s, u"Check the settings and exit."_s);
    const QCommandLineOption insecure(u"insecure"_s, u"Accept unsigned carriers; on a loopback address only."_s);
    parser.addOptions({configFile, role, check, insecure});
    parser.process(app);
    const auto chosen = config::roleNamed(parser.value(role));
    if (!chosen)
        return fail(u"--role must be all, media or worker"_s);

    if (const QStringList rest = parser.positionalArguments(); !rest.isEmpty())
        return fail(
            u"unexpected \"%1\": settings are named by --config FILE, and the one command is ctl, before all else"_s
                .arg(rest.front()));

    // The same at the start and on SIGHUP: what a start would refuse is no better later.
    const auto loader = [file = parser.value(configFile), isInsecure = parser.isSet(insecure),
                         chosen]() -> Result<config::Settings> {
        auto settings = config::load(file, config::systemEnvironment(), isInsecure, *chosen);
        if (!settings)
            return settings;
        if (const QString error = checkFurther(*settings); !error.isEmpty())
            return Error{error};
        return settings;
    };
    const auto settings = loader();
    if (!settings)
        return fail(settings.error());
    if (parser.isSet(check)) {
        for (const QString &odd : oddities(*settings))
            std::puts(qUtf8Printable(u"warning: "_s + odd));
        std::puts("the settings are good");
        return 0;
    }
    return runGateway(*settings, loader);
}
