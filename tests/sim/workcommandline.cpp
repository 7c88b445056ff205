// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/workcommandline.h"

namespace takt::sim {
namespace {

constexpr OptionText kOptions[] = {
    {"After the calls", "world-only", nullptr, "",
     "no calls: REST API, AI API, CRM and model listen until SIGINT or SIGTERM; see /sim/log of the REST API"},
    {"After the calls", "ai-port", "PORT", "",
     "serve the AI HTTP API on 127.0.0.1; 0: any free port, which is printed"},
    {"After the calls", "ai-flavour", "NAME", "openai", "openai, whisper.cpp, llama.cpp or ollama"},
    {"After the calls", "ai-key", "KEY", "", "the only API key that openai accepts; any non-empty one by default"},
    {"After the calls", "ai-model", "NAME", "", "a model that openai knows beside its own; may be repeated"},
    {"After the calls", "ai-services", "WORDS", "",
     "what may be the service that a caller wants, separated by commas; instead of a list of its own"},
    {"After the calls", "ai-cities", "WORDS", "", "... and the cities"},
    {"After the calls", "ai-fault", "NAME=VALUE", "", "may be repeated; names below"},
    {"After the calls", "crm-port", "PORT", "",
     "receive webhooks on 127.0.0.1; 0: any free port, which is printed; may be the AI's"},
    {"After the calls", "crm-secret", "SECRET", "", "whsec_ and base64; made up and printed by default"},
    {"After the calls", "crm-fault", "NAME=VALUE", "", "may be repeated; names below"},
};

QString latin(const char *text)
{
    return QString::fromLatin1(text);
}

std::vector<std::string> listOf(const QString &text)
{
    std::vector<std::string> words;
    for (const QString &word : text.split(u',', Qt::SkipEmptyParts))
        words.push_back(word.trimmed().toStdString());
    return words;
}

QString readPort(const QCommandLineParser &parser, const char *name, bool always, bool &enabled, std::uint16_t &port)
{
    enabled = always || parser.isSet(latin(name));
    bool ok = true;
    if (parser.isSet(latin(name)))
        port = parser.value(latin(name)).toUShort(&ok);
    return ok ? QString() : QStringLiteral("--%1 takes a port").arg(latin(name));
}

QString readFaults(const QCommandLineParser &parser, const QString &service, FaultBoard::Values &into)
{
    for (const QString &text : parser.values(service + QStringLiteral("-fault"))) {
        if (!readFault(text, service, into))
            return QStringLiteral("unknown %1 fault or value: %2 (see --help)").arg(service, text);
    }
    return {};
}

} // namespace

std::span<const OptionText> workOptionTexts()
{
    return kOptions;
}

QString faultHelp(const QString &title, const QString &service)
{
    QString out = QStringLiteral("\n%1 (--%2-fault); N is a number of times, or all:\n").arg(title, service);
    for (const FaultInfo &info : FaultBoard::known()) {
        const QString name = latin(info.name);
        if (name.section(u'.', 0, 0) == service && *info.help != '\0')
            out += QStringLiteral("  %1 %2\n")
                       .arg(name.section(u'.', 1) + u'=' + latin(info.value), -28)
                       .arg(latin(info.help));
    }
    return out;
}

QString workHelp()
{
    return faultHelp(QStringLiteral("Faults of the AI API"), QStringLiteral("ai"))
           + QStringLiteral(
               "  audio-..., chat-...          429, 500, 503, quota, slow, drop-before and drop-after of one "
               "kind of request only\n")
           + faultHelp(QStringLiteral("Faults of the CRM"), QStringLiteral("crm"));
}

bool readFault(const QString &text, const QString &service, FaultBoard::Values &into)
{
    const std::string name = text.section(u'=', 0, 0).toStdString();
    const QString value = text.section(u'=', 1);
    bool ok = value == u"all" || value.isEmpty();
    const double number = value == u"all" ? FaultBoard::kAll : (value.isEmpty() ? 1 : value.toDouble(&ok));
    if (!ok || (number < 0 && value != u"all") || !FaultBoard::isKnown(service.toStdString() + "." + name))
        return false;
    into[name] = number;
    return true;
}

QString readWork(const QCommandLineParser &parser, SimulationOptions &options)
{
    const bool worldOnly = parser.isSet(QStringLiteral("world-only"));
    QString wrong = readPort(parser, "ai-port", worldOnly, options.ai.enabled, options.ai.port);
    if (wrong.isEmpty())
        wrong = readPort(parser, "crm-port", worldOnly, options.crm.enabled, options.crm.port);
    if (wrong.isEmpty())
        wrong = readFaults(parser, QStringLiteral("ai"), options.ai.faults);
    if (wrong.isEmpty())
        wrong = readFaults(parser, QStringLiteral("crm"), options.crm.faults);
    if (!wrong.isEmpty())
        return wrong;
    const auto flavour = aiFlavourNamed(parser.value(QStringLiteral("ai-flavour")).toStdString());
    if (!flavour)
        return QStringLiteral("--ai-flavour: %1? (see --help)").arg(parser.value(QStringLiteral("ai-flavour")));
    options.ai.flavour = *flavour;
    options.ai.key = parser.value(QStringLiteral("ai-key")).toStdString();
    for (const QString &model : parser.values(QStringLiteral("ai-model")))
        options.ai.models.push_back(model.toStdString());
    if (parser.isSet(QStringLiteral("ai-services")))
        options.ai.services = listOf(parser.value(QStringLiteral("ai-services")));
    if (parser.isSet(QStringLiteral("ai-cities")))
        options.ai.cities = listOf(parser.value(QStringLiteral("ai-cities")));
    options.crm.secret = parser.value(QStringLiteral("crm-secret")).toStdString();
    if (!options.crm.secret.empty() && !options.crm.secret.starts_with("whsec_"))
        return QStringLiteral("--crm-secret is whsec_ and base64");
    if (worldOnly)
        options.carrier.calls = 0;
    return {};
}

} // namespace takt::sim
