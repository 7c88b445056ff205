// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/commandline.h"

#include "sim/workcommandline.h"

#include <QDateTime>
#include <QDir>
#include <QUrl>

#include <algorithm>
#include <arpa/inet.h>
#include <vector>

namespace takt::sim {
namespace {

constexpr OptionText kOptions[] = {
    {"Calls", "gateway", "URL", "ws://127.0.0.1:8080/media", "the gateway's media stream, ws or wss"},
    {"Calls", "calls", "N", "1", "simultaneous calls; 0: only the model, until interrupted"},
    {"Calls", "seconds", "S", "30", "length of a call"},
    {"Calls", "ramp", "S", "2", "the calls begin spread over this time"},
    {"Calls", "forever", nullptr, "", "a new call for every one that ends, until SIGINT or SIGTERM"},
    {"Calls", "interrupt", "P", "0.3", "probability that a caller interrupts the agent, per turn"},
    {"Calls", "seed", "N", "", "of everything that is left to chance; the default is another one every time"},
    {"Calls", "latency-ms", "MS", "0", "one-way network delay between carrier and gateway"},
    {"Calls", "jitter-ms", "MS", "0", "up to so much more, at random; order is kept"},
    {"Calls", "clips", "DIR", "", "16-bit PCM WAV files that callers speak, instead of the installed voices"},
    {"Calls", "record", "DIR", "", "write what each caller said (left) and heard (right) as WAV"},
    {"Calls", "account-sid", "SID", "", "the AccountSid of every call; made up by default"},
    {"Calls", "signature", "TEXT", "", "X-Twilio-Signature header of the upgrade"},
    {"Calls", "allow-remote", nullptr, "", "allow a gateway that is not on this machine"},
    {"Calls", "fault", "NAME[:P]", "",
     "a fault that a call has with probability P (1 if not given); may be repeated; names below"},
    {"Model", "model-port", "PORT", "9090",
     "port of the simulated model on 127.0.0.1; 0: any free one, which is printed"},
    {"Model", "no-model", nullptr, "", "don't run the model: the gateway has another one"},
    {"Model", "model-key", "KEY", "", "the only API key accepted; any non-empty one by default"},
    {"Model", "model-no-auth", nullptr, "", "accept clients without a key"},
    {"Model", "model-plain", nullptr, "", "no unknown events and fields"},
    {"Model", "model-tools", "P", "0",
     "probability of a function call instead of speech, if the session has functions"},
    {"Model", "model-fault", "NAME=VALUE", "", "may be repeated; names below"},
    {"Verdict", "json", nullptr, "", "print the verdict as JSON on standard output"},
    {"Verdict", "progress", nullptr, "", "one line every two seconds"},
    {"Verdict", "limit", "NAME=VALUE", "", "change a limit; may be repeated; names below"},
    {"Verdict", "no-limits", nullptr, "", "print figures only: the exit code doesn't depend on them"},
    {"Verdict", "no-strict-frames", nullptr, "", "media messages may have any size (limit wrong-size)"},
};

constexpr const char *kModelFaults[][2] = {
    {"refuse=STATUS", "answer the upgrade with this status (401, 429, 500)"},
    {"refuse-first=N", "... only the first N times"},
    {"upgrade-delay=MS", "answer the upgrade late"},
    {"updated-delay=MS", "send session.updated late"},
    {"never-updated", "never send session.updated"},
    {"wrong-formats", "session.updated names other formats than asked for"},
    {"drop=S", "break the connection after S seconds"},
    {"expire=S", "session_expired and close after S seconds"},
    {"create-error=CODE", "an error event (rate_limit_exceeded, server_error) instead of a response"},
    {"create-error-chance=P", "... with this probability (1)"},
    {"fail=P", "response.done failed in mid-audio, with this probability"},
    {"incomplete=P", "response.done incomplete in mid-audio, with this probability"},
    {"ping=S", "WebSocket pings every S seconds"},
};

QString latin(const char *text)
{
    return QString::fromLatin1(text);
}

std::vector<OptionText> allOptions()
{
    std::vector<OptionText> all(std::begin(kOptions), std::end(kOptions));
    const auto model = std::find_if(all.begin(), all.end(),
                                    [](const OptionText &option) { return latin(option.group) == u"Model"; });
    const auto work = all.insert(model, phoneOptionTexts().begin(), phoneOptionTexts().end());
    all.insert(work + std::ptrdiff_t(phoneOptionTexts().size()), workOptionTexts().begin(), workOptionTexts().end());
    return all;
}

QString helpText()
{
    QString out = QStringLiteral(
        "Usage: takt-sim [options]\n       takt-sim capacity [options]   how many calls this machine holds (see "
        "takt-sim capacity --help)\n\nCalls a media gateway as Twilio would, plays the realtime speech "
        "model behind it,\nand judges what the callers heard. Exit code: 0 all limits kept, 1 a limit broken, "
        "2 it could not run.\n");
    QString group;
    const auto row = [&](const QString &left, const QString &right) {
        out += QStringLiteral("  %1 %2\n").arg(left, -28).arg(right);
    };
    for (const OptionText &option : allOptions()) {
        if (group != latin(option.group)) {
            group = latin(option.group);
            out += u'\n' + group + QStringLiteral(":\n");
        }
        const QString byDefault = *option.byDefault ? QStringLiteral(" [%1]").arg(latin(option.byDefault)) : QString();
        row(QStringLiteral("--") + latin(option.name) + (option.value ? u' ' + latin(option.value) : QString()),
            latin(option.help) + byDefault);
    }
    row(QStringLiteral("--help, --version"), QString());
    out += QStringLiteral("\nFaults of calls (--fault); those marked * excuse the gateway, and the limits are not "
                          "applied to such calls:\n");
    const auto faults = [&](std::span<const CallFaultInfo> infos) {
        for (const CallFaultInfo &info : infos)
            row(QString::fromUtf8(info.name.data(), qsizetype(info.name.size()))
                    + (info.hard ? QStringLiteral(" *") : QString()),
                QString::fromUtf8(info.help.data(), qsizetype(info.help.size())));
    };
    faults(allCallFaults());
    out += QStringLiteral("\n... and attacks, of telephone calls only:\n");
    faults(allPhoneFaults());
    out += phoneHelp() + workHelp();
    out += QStringLiteral("\nFaults of the model (--model-fault):\n");
    for (const auto &[name, help] : kModelFaults)
        row(latin(name), latin(help));
    out += QStringLiteral("\nLimits (--limit); + means that the simulated latency is added:\n");
    for (const LimitInfo &limit : allLimits())
        row(latin(limit.name) + u'=' + QString::number(limit.value)
                + (limit.plusLatency ? QStringLiteral("+") : QString()),
            latin(limit.meaning));
    return out;
}

bool readNumber(const QCommandLineParser &parser, const char *name, double low, double high, double &value,
                QString &error)
{
    bool ok = false;
    const double number = parser.value(latin(name)).toDouble(&ok);
    if (!ok || number < low || number > high) {
        error = QStringLiteral("--%1 takes a number from %2 to %3").arg(latin(name)).arg(low).arg(high);
        return false;
    }
    value = number;
    return true;
}

QString readFault(const QString &text, CarrierOptions &carrier)
{
    const QString name = text.section(u':', 0, 0);
    const QString chance = text.section(u':', 1);
    const auto fault = callFaultNamed(name.toStdString());
    bool ok = true;
    const double probability = chance.isEmpty() ? 1.0 : chance.toDouble(&ok);
    if (!fault || !ok || probability < 0 || probability > 1)
        return QStringLiteral("unknown fault or probability: %1 (see --help)").arg(text);
    carrier.faults[*fault] = probability;
    return {};
}

QString readModelFault(const QString &text, ModelFaults &faults)
{
    const QString name = text.section(u'=', 0, 0);
    const QString value = text.section(u'=', 1);
    bool ok = true;
    const auto number = [&](auto &into) {
        into = static_cast<std::remove_reference_t<decltype(into)>>(value.toDouble(&ok));
    };
    if (name == u"refuse")
        number(faults.refuseStatus);
    else if (name == u"refuse-first")
        number(faults.refuseFirst);
    else if (name == u"upgrade-delay")
        number(faults.upgradeDelayMs);
    else if (name == u"updated-delay")
        number(faults.updatedDelayMs);
    else if (name == u"never-updated")
        faults.neverUpdated = true;
    else if (name == u"wrong-formats")
        faults.wrongFormats = true;
    else if (name == u"drop")
        number(faults.dropAfterSeconds);
    else if (name == u"expire")
        number(faults.expireAfterSeconds);
    else if (name == u"create-error") {
        faults.errorOnCreate = value;
        faults.errorChance = faults.errorChance > 0 ? faults.errorChance : 1;
    } else if (name == u"create-error-chance")
        number(faults.errorChance);
    else if (name == u"fail")
        number(faults.failChance);
    else if (name == u"incomplete")
        number(faults.incompleteChance);
    else if (name == u"ping")
        number(faults.pingSeconds);
    else
        ok = false;
    return ok ? QString() : QStringLiteral("unknown model fault or value: %1 (see --help)").arg(text);
}

QString readLimit(const QString &text, Limits &limits)
{
    const std::string name = text.section(u'=', 0, 0).toStdString();
    bool ok = false;
    const double value = text.section(u'=', 1).toDouble(&ok);
    bool known = false;
    for (const LimitInfo &limit : allLimits())
        known = known || name == limit.name;
    if (!known || !ok)
        return QStringLiteral("unknown limit or value: %1 (see --help)").arg(text);
    limits.changed[name] = value;
    return {};
}

QString readGateway(const QCommandLineParser &parser, CarrierOptions &carrier)
{
    const QUrl url(parser.value(QStringLiteral("gateway")));
    const bool secure = url.scheme() == u"wss";
    if (!url.isValid() || (url.scheme() != u"ws" && !secure) || url.host().isEmpty())
        return QStringLiteral("--gateway takes a ws:// or wss:// URL, such as ws://127.0.0.1:8080/media");
    QString error;
    if (secure) {
        carrier.tls = readTls(parser, error);
        if (!carrier.tls)
            return error;
    }
    const auto address = resolve(url.host(), quint16(url.port(secure ? 443 : 80)));
    if (!address)
        return address.error();
    carrier.gateway = *address;
    if (!isLoopback(carrier.gateway) && !parser.isSet(QStringLiteral("allow-remote")))
        return QStringLiteral("%1 is not this machine; add --allow-remote if it may be called").arg(url.host());
    carrier.host = url.authority().toStdString();
    carrier.path = url.path().isEmpty() ? "/" : url.path(QUrl::FullyEncoded).toStdString();
    return {};
}

QString readCarrier(const QCommandLineParser &parser, CarrierOptions &carrier)
{
    QString error;
    double calls = 0;
    if (!readNumber(parser, "calls", 0, 5000, calls, error)
        || !readNumber(parser, "seconds", 1, 86'400, carrier.seconds, error)
        || !readNumber(parser, "ramp", 0, 3600, carrier.ramp, error)
        || !readNumber(parser, "interrupt", 0, 1, carrier.interrupt, error)
        || !readNumber(parser, "latency-ms", 0, 5000, carrier.latencyMs, error)
        || !readNumber(parser, "jitter-ms", 0, 5000, carrier.jitterMs, error))
        return error;
    carrier.calls = int(calls);
    carrier.forever = parser.isSet(QStringLiteral("forever"));
    carrier.accountSid = parser.value(QStringLiteral("account-sid")).toStdString();
    carrier.signature = parser.value(QStringLiteral("signature")).toStdString();
    carrier.recordDir = parser.value(QStringLiteral("record"));
    if (!carrier.recordDir.isEmpty() && !QDir().mkpath(carrier.recordDir))
        return QStringLiteral("cannot create %1").arg(carrier.recordDir);
    for (const QString &fault : parser.values(QStringLiteral("fault"))) {
        if (const QString wrong = readFault(fault, carrier); !wrong.isEmpty())
            return wrong;
    }
    return readGateway(parser, carrier);
}

QString readModel(const QCommandLineParser &parser, SimulationOptions &options)
{
    QString error;
    double port = 0;
    if (!readNumber(parser, "model-port", 0, 65'535, port, error)
        || !readNumber(parser, "model-tools", 0, 1, options.model.toolCallChance, error))
        return error;
    options.runModel = !parser.isSet(QStringLiteral("no-model"));
    options.model.listen.sin_family = AF_INET;
    options.model.listen.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    options.model.listen.sin_port = htons(quint16(port));
    options.model.key = parser.value(QStringLiteral("model-key"));
    options.model.noAuth = parser.isSet(QStringLiteral("model-no-auth"));
    options.model.extras = !parser.isSet(QStringLiteral("model-plain"));
    for (const QString &fault : parser.values(QStringLiteral("model-fault"))) {
        if (const QString wrong = readModelFault(fault, options.model.faults); !wrong.isEmpty())
            return wrong;
    }
    return {};
}

} // namespace

Result<CommandLine> readCommandLine(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.addOption({{QStringLiteral("h"), QStringLiteral("help")}, {}});
    parser.addOption({{QStringLiteral("v"), QStringLiteral("version")}, {}});
    for (const OptionText &option : allOptions())
        parser.addOption(QCommandLineOption(latin(option.name), latin(option.help),
                                            option.value ? latin(option.value) : QString(), latin(option.byDefault)));
    if (!parser.parse(arguments))
        return Error{parser.errorText()};
    CommandLine line;
    if (parser.isSet(QStringLiteral("help")) || parser.isSet(QStringLiteral("version"))) {
        line.help = parser.isSet(QStringLiteral("help")) ? helpText()
                                                         : QStringLiteral("takt-sim %1\n").arg(latin(TAKT_VERSION));
        return line;
    }
    if (!parser.positionalArguments().isEmpty())
        return Error{QStringLiteral("unexpected argument: %1").arg(parser.positionalArguments().first())};
    SimulationOptions &options = line.options;
    QString wrong = readCarrier(parser, options.carrier);
    if (wrong.isEmpty())
        wrong = readPhone(parser, options);
    if (wrong.isEmpty())
        wrong = readWork(parser, options);
    if (wrong.isEmpty())
        wrong = readModel(parser, options);
    for (const QString &limit : parser.values(QStringLiteral("limit"))) {
        if (wrong.isEmpty())
            wrong = readLimit(limit, options.limits);
    }
    if (!wrong.isEmpty())
        return Error{wrong};
    const QString seed = parser.value(QStringLiteral("seed"));
    options.carrier.seed = seed.isEmpty() ? std::uint64_t(QDateTime::currentMSecsSinceEpoch()) : seed.toULongLong();
    options.model.seed = options.carrier.seed;
    options.clipsDir = parser.value(QStringLiteral("clips"));
    options.limits.enforced = !parser.isSet(QStringLiteral("no-limits"));
    if (parser.isSet(QStringLiteral("no-strict-frames")))
        options.limits.changed["wrong-size"] = 1e18;
    line.json = parser.isSet(QStringLiteral("json"));
    line.progress = parser.isSet(QStringLiteral("progress"));
    line.modelOnly = options.carrier.calls == 0;
    line.worldOnly = parser.isSet(QStringLiteral("world-only"));
    return line;
}

} // namespace takt::sim
