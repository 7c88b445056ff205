// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phonecommandline.h"

#include "sim/wire/url.h"
#include "sim/workcommandline.h"

#include <arpa/inet.h>

namespace takt::sim {
namespace {

constexpr OptionText kOptions[] = {
    {"Telephone", "voice-url", "URL", "",
     "calls begin with a signed webhook to it and follow its TwiML; without it, only media streams are opened"},
    {"Telephone", "status-url", "URL", "", "the numbers' status callback: the end of every incoming call"},
    {"Telephone", "fallback-url", "URL", "", "asked when the voice URL fails"},
    {"Telephone", "to", "NUMBERS", "", "the called numbers, separated by commas; made up by default"},
    {"Telephone", "auth-token", "TOKEN", "", "that signs requests and opens the REST API [$TWILIO_AUTH_TOKEN]"},
    {"Telephone", "ca", "FILE", "", "PEM certificates to trust, instead of the system's"},
    {"Telephone", "insecure", nullptr, "", "don't verify certificates"},
    {"Telephone", "host", "NAME=ADDRESS:PORT", "",
     "where a host of a URL is; with ,plain without TLS, as behind a proxy; may be repeated"},
    {"Telephone", "allow-ws", nullptr, "", "follow <Stream url=\"ws://...\">, which the real carrier refuses"},
    {"Telephone", "action-falls-through", nullptr, "", "after </Connect> run the next verb, whatever its action"},
    {"Telephone", "sign-without-port", nullptr, "", "sign the URL of an upgrade without its port"},
    {"Telephone", "callbacks", "ordered|shuffled", "ordered",
     "in order, or shuffled, doubled, late and with gaps; see --callback"},
    {"Telephone", "callback", "NAME=VALUE", "", "one kind of disorder; may be repeated; names below"},
    {"Telephone", "rest-port", "PORT", "", "serve the REST API on 127.0.0.1; 0: any free port, which is printed"},
    {"Telephone", "rest-fault", "NAME=VALUE", "", "may be repeated; names below"},
    {"Telephone", "answer", "HOW", "human",
     "human, machine, fax, busy, no-answer or failed: of called numbers; those that end in 0001 are busy, 0002 don't "
     "answer, 0003 fail, 0004 are machines, 0005 fax"},
};

constexpr const char *kCallbacks[][2] = {
    {"shuffled=P", "sent up to two seconds late, with this probability"},
    {"duplicated=P", "sent twice with the same idempotency token"},
    {"late=P", "sent late-seconds after its time"},
    {"late-seconds=S", "[5]"},
    {"empty-parties=P", "From and To are empty, but not in the first"},
    {"without-parent=P", "a <Dial>led party's without ParentCallSid"},
};
QString latin(const char *text)
{
    return QString::fromLatin1(text);
}

template <typename Into>
bool readPair(const QString &text, const char *name, Into &into)
{
    bool ok = false;
    const double value = text.section(u'=', 1).toDouble(&ok);
    if (text.section(u'=', 0, 0) != latin(name) || !ok || value < 0)
        return false;
    into = static_cast<Into>(value);
    return true;
}

bool readCallback(const QString &text, CallbackDisorder &disorder)
{
    return readPair(text, "shuffled", disorder.shuffled) || readPair(text, "duplicated", disorder.duplicated)
           || readPair(text, "late", disorder.late) || readPair(text, "late-seconds", disorder.lateSeconds)
           || readPair(text, "empty-parties", disorder.emptyParties)
           || readPair(text, "without-parent", disorder.withoutParent);
}

bool readRestFault(const QString &text, RestFaults &faults)
{
    return readPair(text, "first", faults.first) || readPair(text, "status", faults.status)
           || readPair(text, "retry-after", faults.retryAfter) || readPair(text, "delay", faults.delayMs)
           || readPair(text, "drop-before", faults.dropBefore) || readPair(text, "drop-after", faults.dropAfter)
           || readPair(text, "ineligible", faults.ineligible) || readFault(text, QStringLiteral("rest"), faults.media);
}

bool readAnswer(const QString &text, Answer &answer)
{
    constexpr std::pair<const char *, Answer> kAnswers[] = {
        {"human", Answer::Human}, {"machine", Answer::Machine},    {"fax", Answer::Fax},
        {"busy", Answer::Busy},   {"no-answer", Answer::NoAnswer}, {"failed", Answer::Failed}};
    for (const auto &[name, value] : kAnswers) {
        if (text == latin(name)) {
            answer = value;
            return true;
        }
    }
    return false;
}

QString readHost(const QString &text, PhoneOptions &phone)
{
    const QString where = text.section(u'=', 1).section(u',', 0, 0);
    HostTarget target;
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons(where.section(u':', 1).toUShort());
    target.plain = text.endsWith(u",plain");
    if (inet_pton(AF_INET, where.section(u':', 0, 0).toLatin1().constData(), &target.address.sin_addr) != 1)
        return QStringLiteral("--host takes NAME=ADDRESS:PORT, such as gw.example=127.0.0.1:8443");
    phone.hosts[text.section(u'=', 0, 0).toStdString()] = target;
    return {};
}

// Also makes known where its host is: later nothing may wait for a resolver.
QString readUrl(const QCommandLineParser &parser, const char *name, std::string &into, PhoneOptions &phone)
{
    into = parser.value(latin(name)).toStdString();
    if (into.empty())
        return {};
    const auto url = Url::parse(into);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
        return QStringLiteral("--%1 takes an http:// or https:// URL").arg(latin(name));
    const std::string where = url->host + ":" + std::to_string(url->portOrDefault());
    if (phone.hosts.contains(url->host) || phone.hosts.contains(where))
        return {};
    const auto address = resolve(QString::fromStdString(url->host), url->portOrDefault());
    if (!address)
        return address.error();
    if (!isLoopback(*address) && !phone.allowRemote)
        return QStringLiteral("%1 is not this machine; add --allow-remote if it may be called")
            .arg(QString::fromStdString(url->host));
    if (url->host.find_first_not_of("0123456789.") != std::string::npos)
        phone.hosts[where] = {*address, false};
    return {};
}

QString readLists(const QCommandLineParser &parser, PhoneOptions &phone)
{
    for (const QString &host : parser.values(QStringLiteral("host"))) {
        if (const QString wrong = readHost(host, phone); !wrong.isEmpty())
            return wrong;
    }
    const QString callbacks = parser.value(QStringLiteral("callbacks"));
    if (callbacks == u"shuffled")
        phone.disorder = CallbackDisorder::wild();
    else if (callbacks != u"ordered")
        return QStringLiteral("--callbacks is ordered or shuffled");
    for (const QString &text : parser.values(QStringLiteral("callback"))) {
        if (!readCallback(text, phone.disorder))
            return QStringLiteral("unknown kind of disorder or value: %1 (see --help)").arg(text);
    }
    for (const QString &text : parser.values(QStringLiteral("rest-fault"))) {
        if (!readRestFault(text, phone.restFaults))
            return QStringLiteral("unknown REST fault or value: %1 (see --help)").arg(text);
    }
    if (!readAnswer(parser.value(QStringLiteral("answer")), phone.dialling.answer))
        return QStringLiteral("--answer: %1? (see --help)").arg(parser.value(QStringLiteral("answer")));
    return {};
}

} // namespace

std::span<const OptionText> phoneOptionTexts()
{
    return kOptions;
}

QString phoneHelp()
{
    QString out;
    const auto rows = [&](const char *title, const auto &lines) {
        out += QStringLiteral("\n%1:\n").arg(latin(title));
        for (const auto &[name, help] : lines)
            out += QStringLiteral("  %1 %2\n").arg(latin(name), -28).arg(latin(help));
    };
    rows("Disorder of callbacks (--callback)", kCallbacks);
    return out + faultHelp(QStringLiteral("Faults of the REST API"), QStringLiteral("rest"));
}

TlsContextPtr readTls(const QCommandLineParser &parser, QString &error)
{
    std::string why;
    TlsContextPtr context = TlsContext::client(parser.value(QStringLiteral("ca")).toStdString(),
                                               !parser.isSet(QStringLiteral("insecure")), why);
    error = QString::fromStdString(why);
    return context;
}

QString readPhone(const QCommandLineParser &parser, SimulationOptions &options)
{
    PhoneOptions &phone = options.phone;
    phone.allowRemote = parser.isSet(QStringLiteral("allow-remote"));
    phone.caFile = parser.value(QStringLiteral("ca")).toStdString();
    phone.verify = !parser.isSet(QStringLiteral("insecure"));
    phone.allowWs = parser.isSet(QStringLiteral("allow-ws"));
    phone.actionFallsThrough = parser.isSet(QStringLiteral("action-falls-through"));
    phone.signWithoutPort = parser.isSet(QStringLiteral("sign-without-port"));
    if (const QString wrong = readLists(parser, phone); !wrong.isEmpty())
        return wrong;
    for (const auto &[name, into] : {std::pair{"voice-url", &phone.voiceUrl}, std::pair{"status-url", &phone.statusUrl},
                                     std::pair{"fallback-url", &phone.fallbackUrl}}) {
        if (const QString wrong = readUrl(parser, name, *into, phone); !wrong.isEmpty())
            return wrong;
    }
    for (const QString &number : parser.value(QStringLiteral("to")).split(u',', Qt::SkipEmptyParts))
        phone.numbers.push_back(number.trimmed().toStdString());
    phone.rest = parser.isSet(QStringLiteral("world-only"));
    if (parser.isSet(QStringLiteral("rest-port"))) {
        bool ok = false;
        phone.rest = true;
        phone.restPort = parser.value(QStringLiteral("rest-port")).toUShort(&ok);
        if (!ok)
            return QStringLiteral("--rest-port takes a port");
    }
    phone.authToken = parser.isSet(QStringLiteral("auth-token"))
                          ? parser.value(QStringLiteral("auth-token")).toStdString()
                          : qgetenv("TWILIO_AUTH_TOKEN").toStdString();
    if (phone.enabled() && phone.authToken.empty())
        return QStringLiteral("telephone calls need --auth-token or TWILIO_AUTH_TOKEN");
    phone.outbound.seconds = options.carrier.seconds;
    QString error;
    if (phone.enabled() && !readTls(parser, error))
        return error;
    return {};
}

} // namespace takt::sim
