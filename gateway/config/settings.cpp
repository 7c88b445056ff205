// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"

#include "config/tomltable.h"

#include <QDir>
#include <QFile>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QSet>
#include <QStandardPaths>

namespace takt::config {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr QLatin1StringView kWebhookSecret{"TAKT_WEBHOOK_SECRET"};

Set<Settings> endpoint(Endpoint Settings::*field)
{
    return [=](Settings &s, const QString &value) {
        const qsizetype colon = value.lastIndexOf(u':');
        bool ok = false;
        const uint port = value.mid(colon + 1).toUInt(&ok);
        QString host = value.left(qMax<qsizetype>(0, colon));
        if (host.startsWith(u'[') && host.endsWith(u']'))
            host = host.sliced(1, host.size() - 2); // [::1]:8080
        const QHostAddress address(host == "localhost"_L1 ? u"127.0.0.1"_s : host);
        if (colon < 0 || !ok || port > 65535 || address.isNull())
            return u"must be ADDRESS:PORT, like 127.0.0.1:8080"_s;
        s.*field = {address, quint16(port)};
        return QString();
    };
}

// Not one that depends on where the gateway was started, and not the root of all because a variable is empty.
Set<Settings> absolutePath(QString Settings::*field)
{
    return [=](Settings &s, const QString &value) {
        if (!value.startsWith(u'/'))
            return u"must be an absolute path, not \"%1\""_s.arg(value);
        s.*field = value;
        return QString();
    };
}

QString setDatabase(Settings &s, const QString &value)
{
    const bool sqlite = value.startsWith("sqlite:"_L1) && value.size() > 7;
    const QUrl url(value, QUrl::StrictMode);
    const bool postgres = url.scheme() == "postgresql"_L1 && url.isValid() && url.path().size() > 1;
    if (!sqlite && !postgres)
        return u"must be sqlite:PATH or postgresql://user:password@host/name"_s;
    s.databaseUrl = value;
    return {};
}

QString setLead(Settings &s, const QString &value)
{
    bool ok = false;
    const int ms = value.toInt(&ok);
    s.tx.autoLead = value == "auto"_L1;
    if (!s.tx.autoLead && (!ok || ms < 0 || ms > 1000))
        return u"must be \"auto\" or between 0 and 1000"_s;
    s.tx.leadMs = ok ? ms : 0;
    return {};
}

Fallback &fallbackOf(Settings &s)
{
    return s.fallback;
}

Keys<Settings> mainKeys()
{
    return {
        {{}, u"listen"_s, endpoint(&Settings::listen)},
        {{}, u"admin_listen"_s, endpoint(&Settings::adminListen)},
        {{},
         u"public_url"_s,
         url<Settings>([](Settings &s) -> QUrl & { return s.publicUrl; }, {u"https"_s, u"http"_s})},
        {{}, u"data_dir"_s, absolutePath(&Settings::dataDir)},
        {{}, u"control_socket"_s, absolutePath(&Settings::controlSocket)},
        {{}, u"drain_seconds"_s, number<Settings, int>([](Settings &s) -> int & { return s.drainSeconds; }, 0, 86'400)},
        {u"log"_s, u"format"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.logAsJson; }, u"text"_s, u"json"_s)},
        {u"tls"_s, u"certificate"_s, text<Settings>([](Settings &s) -> QString & { return s.tls.certificateFile; })},
        {u"tls"_s, u"key"_s, text<Settings>([](Settings &s) -> QString & { return s.tls.keyFile; })},
        {u"tls"_s, u"trust"_s, text<Settings>([](Settings &s) -> QString & { return s.tls.trustFile; })},
        {u"database"_s, u"url"_s, setDatabase},
        {u"twilio"_s, u"base_url"_s,
         url<Settings>([](Settings &s) -> QUrl & { return s.twilio.baseUrl; }, {u"https"_s, u"http"_s})},
        {u"twilio"_s, u"record"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.twilio.record; }, u"false"_s, u"true"_s)},
        {u"twilio"_s, u"caller_channel"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.twilio.callerFirst; }, u"second"_s, u"first"_s)},
        {u"twilio"_s, u"detect_machines"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.twilio.detectMachines; }, u"false"_s, u"true"_s)},
        {u"twilio"_s, u"on_machine"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.twilio.hangUpOnMachines; }, u"talk"_s, u"hangup"_s)},
        {u"admission"_s, u"max_calls"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.admission.maxCalls; }, 0, 100'000)},
        {u"admission"_s, u"max_outbound"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.admission.maxOutbound; }, 0, 100'000)},
        {u"admission"_s, u"max_late_ms"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.admission.maxLateMs; }, 0, 10'000)},
        {u"admission"_s, u"late_seconds"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.admission.lateSeconds; }, 1, 3600)},
        {u"fallback"_s, u"say"_s, fallback<Settings>(fallbackOf, Fallback::Kind::Say)},
        {u"fallback"_s, u"dial"_s, fallback<Settings>(fallbackOf, Fallback::Kind::Dial)},
        {u"fallback"_s, u"redirect"_s, fallback<Settings>(fallbackOf, Fallback::Kind::Redirect)},
        {u"fallback"_s, u"language"_s, text<Settings>([](Settings &s) -> QString & { return s.fallback.language; })},
        {u"speech"_s, u"url"_s, url<Settings>([](Settings &s) -> QUrl & { return s.speech.url; }, {u"ws"_s, u"wss"_s})},
        {u"speech"_s, u"model"_s, text<Settings>([](Settings &s) -> QString & { return s.speech.model; })},
        {u"tx"_s, u"workers"_s, number<Settings, int>([](Settings &s) -> int & { return s.tx.workers; }, 1, 64)},
        {u"tx"_s, u"idle"_s,
         choice<Settings>([](Settings &s) -> bool & { return s.tx.silenceWhenIdle; }, u"skip"_s, u"silence"_s)},
        {u"tx"_s, u"lead_ms"_s, setLead},
        {u"tx"_s, u"backlog_seconds"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.tx.backlogSeconds; }, 1, 3600)},
        {u"flight"_s, u"keep_mb"_s,
         number<Settings, int>([](Settings &s) -> int & { return s.flight.keepMb; }, 0, 100'000)},
    };
}

const Keys<Settings> &allKeys()
{
    static const Keys<Settings> s_keys = [] {
        Keys<Settings> keys = mainKeys();
        const Keys<Settings> session = sessionKeys<Settings>(
            u"speech"_s, [](Settings &s) -> speech::SessionSettings & { return s.speech; });
        keys.insert(keys.end(), session.begin(), session.end());
        const Keys<Settings> jobs = jobsKeys();
        keys.insert(keys.end(), jobs.begin(), jobs.end());
        return keys;
    }();
    return s_keys;
}

// An empty table when there is nothing to read; why stands in the problems.
toml::table parse(const QString &path, QStringList &problems)
{
    if (path.isEmpty())
        return {};
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        problems << u"can't read %1: %2"_s.arg(path, file.errorString());
        return {};
    }
    const QByteArray bytes = file.readAll();
    try { // toml++ reports syntax errors that way; nothing throws beyond this function
        return toml::parse(std::string_view(bytes.constData(), std::size_t(bytes.size())));
    } catch (const toml::parse_error &error) {
        const std::string_view what = error.description();
        problems << u"line %1: %2"_s.arg(error.source().begin.line)
                        .arg(QString::fromUtf8(what.data(), qsizetype(what.size())));
    }
    return {};
}

void readSections(const toml::table &file, Settings &settings, QStringList &problems)
{
    for (const auto &[key, node] : file) {
        if (key == "business")
            continue; // later: they begin as a copy of the rest
        const toml::table *section = node.as_table();
        if (section != nullptr)
            readTable(*section, toText(key), allKeys(), settings, problems);
        if (section != nullptr && key == "fallback")
            checkFallbacks(*section, toText(key), {}, problems);
        if (section == nullptr)
            readEntry(key, node, {}, allKeys(), settings, problems);
    }
}

void readEnvironment(const Environment &environment, Settings &settings, QStringList &problems)
{
    for (const Key<Settings> &key : allKeys()) {
        const auto value = environment.constFind(key.variable());
        if (value == environment.constEnd())
            continue;
        if (key.clear)
            key.clear(settings);
        const QStringList values = key.clear ? value->split(u',', Qt::SkipEmptyParts) : QStringList{*value};
        for (const QString &single : values) {
            if (const QString wrong = key.set(settings, key.clear ? single.trimmed() : single); !wrong.isEmpty())
                problems << key.variable() + u' ' + wrong;
        }
    }
}

// A secret comes from NAME, or from the file that NAME_FILE names.
QString secret(const QString &name, const Environment &environment, QStringList &problems)
{
    const QString path = environment.value(name + u"_FILE"_s);
    if (path.isEmpty())
        return environment.value(name);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        problems << u"%1_FILE: can't read %2: %3"_s.arg(name, path, file.errorString());
        return {};
    }
    return QString::fromUtf8(file.readAll()).trimmed();
}

void readSecrets(const Environment &environment, Settings &settings, QStringList &problems)
{
    settings.speech.apiKey = secret(u"OPENAI_API_KEY"_s, environment, problems);
    settings.openai.apiKey = settings.speech.apiKey;
    settings.webhook.secret = secret(kWebhookSecret, environment, problems);
    settings.twilio.accountSid = secret(u"TWILIO_ACCOUNT_SID"_s, environment, problems);
    const QString tokens = secret(u"TWILIO_AUTH_TOKEN"_s, environment, problems);
    for (const QString &token : tokens.split(u','))
        if (!token.trimmed().isEmpty())
            settings.twilio.authTokens << token.trimmed().toUtf8();
}

Settings defaults(const Environment &environment)
{
    Settings s;
    s.adminListen.port = 9464;
    s.dataDir = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/takt"_s;
    // Not QStandardPaths: it invents a folder, with a warning, where the variable is not set.
    const QString runtime = environment.value(u"XDG_RUNTIME_DIR"_s);
    s.controlSocket = (runtime.isEmpty() ? QDir::tempPath() : runtime) + u"/takt.sock"_s;
    s.twilio.baseUrl = QUrl(u"https://api.twilio.com"_s);
    s.fallback.value = u"We can't take your call right now. Please call again later."_s;
    s.openai.baseUrl = QUrl(u"https://api.openai.com/v1"_s);
    s.openai.transcriptionModel = u"whisper-1"_s;
    s.openai.textModel = u"gpt-4o-mini"_s;
    s.speech.url = QUrl(u"wss://api.openai.com/v1/realtime"_s);
    s.speech.model = u"gpt-realtime"_s;
    s.speech.voice = u"marin"_s;
    s.speech.transcriptionModel = u"gpt-4o-mini-transcribe"_s;
    s.speech.instructions = u"You are a friendly phone agent. Speak briefly and clearly."_s;
    s.speech.greeting = u"Greet the caller and ask how you can help."_s;
    return s;
}

bool isLoopback(const QUrl &url)
{
    return url.host() == "localhost"_L1 || QHostAddress(url.host()).isLoopback();
}

// What no single key can know.
void checkTogether(const Settings &s, QStringList &problems)
{
    if (s.jobs.gate == GateMode::OffHost && s.databaseUrl.startsWith("sqlite:"_L1))
        problems
            << u"jobs.gate = \"off-host\" leaves the jobs to other machines, and they can't reach an SQLite file: set "
               "database.url to a PostgreSQL database"_s;
    if (s.role == Role::Worker)
        return; // it has no callers
    if (s.speech.apiKey.isEmpty())
        problems << u"OPENAI_API_KEY (or OPENAI_API_KEY_FILE) is not set: the speech model needs a key"_s;
    if (s.insecure && !s.listen.address.isLoopback())
        problems << u"--insecure accepts unsigned carriers and is allowed on a loopback address only, not on %1"_s.arg(
            s.listen.address.toString());
    if (!s.insecure && s.twilio.authTokens.isEmpty())
        problems << u"TWILIO_AUTH_TOKEN (or TWILIO_AUTH_TOKEN_FILE) is not set: without it nobody can tell whether a "
                    "request is the carrier's (--insecure accepts anyone, on a loopback address)"_s;
    if (!s.insecure && s.publicUrl.isEmpty())
        problems << u"public_url (TAKT_PUBLIC_URL) is not set: signatures are checked against the URL that the carrier "
                    "uses"_s;
    if (s.publicUrl.scheme() == "http"_L1 && !isLoopback(s.publicUrl))
        problems << u"public_url must be https:// (the carrier opens media streams by wss only)"_s;
    if (s.twilio.baseUrl.scheme() == "http"_L1 && !isLoopback(s.twilio.baseUrl))
        problems << u"twilio.base_url must be https://: requests carry the account's token"_s;
    for (const BusinessPtr &business : s.businesses.all()) {
        const Prices &prices = business->speech.prices;
        if (prices.currency.isEmpty() && *std::max_element(prices.of.begin(), prices.of.end()) >= 0) {
            problems << u"prices (price_...) need a price_currency"_s;
            break;
        }
    }
    const BusinessPtr everybody = s.businesses.byName({});
    if (everybody != nullptr && everybody->speech.tools.contains(speech::kTransferCall))
        problems << u"speech.tools: transfer_call needs a [[business]] with transfer_to"_s;
    if (s.tls.certificateFile.isEmpty() != s.tls.keyFile.isEmpty())
        problems << u"tls.certificate and tls.key belong together: one of them is missing"_s;
    if (!s.adminListen.address.isLoopback() && s.insecure)
        problems << u"admin_listen must be a loopback address with --insecure"_s;
}

} // namespace

QLatin1StringView name(Role role)
{
    return role == Role::All ? "all"_L1 : role == Role::Media ? "media"_L1 : "worker"_L1;
}

bool Settings::claimsJobs() const
{
    return role == Role::Worker || (role == Role::All && jobs.gate != GateMode::OffHost);
}

std::optional<Role> roleNamed(const QString &word)
{
    for (const Role role : {Role::All, Role::Media, Role::Worker}) {
        if (word == name(role))
            return role;
    }
    return std::nullopt;
}

QString Endpoint::toText() const
{
    return (address.protocol() == QAbstractSocket::IPv6Protocol ? u"[%1]:%2"_s : u"%1:%2"_s)
        .arg(address.toString())
        .arg(port);
}

QString toText(const toml::node &node)
{
    if (const auto *value = node.as_string())
        return QString::fromUtf8(value->get().data(), qsizetype(value->get().size()));
    if (const auto *value = node.as_integer())
        return QString::number(value->get());
    if (const auto *value = node.as_floating_point())
        return QString::number(value->get(), 'g', 17);
    if (const auto *value = node.as_boolean())
        return value->get() ? u"true"_s : u"false"_s;
    return {};
}

void checkFallbacks(const toml::table &table, const QString &section, const QString &prefix, QStringList &problems)
{
    QStringList given;
    const toml::node *last = nullptr;
    for (const QString &kind : {u"dial"_s, u"redirect"_s, u"say"_s}) {
        const toml::node *node = table.get(QString(prefix + kind).toStdString());
        if (node == nullptr)
            continue;
        given << (section.isEmpty() ? QString() : section + u'.') + prefix + kind;
        if (last == nullptr || node->source().begin.line > last->source().begin.line)
            last = node;
    }
    if (given.size() > 1)
        problems << lineOf(*last) + given.join(u" and "_s) + u" exclude each other"_s;
}

QString lineOf(const toml::node &node)
{
    return u"line %1: "_s.arg(node.source().begin.line);
}

Environment systemEnvironment()
{
    const QProcessEnvironment system = QProcessEnvironment::systemEnvironment();
    Environment environment;
    const QStringList names = system.keys();
    for (const QString &name : names)
        environment.insert(name, system.value(name));
    return environment;
}

QStringList unknownVariables(const Environment &environment)
{
    QSet<QString> known{kWebhookSecret, kWebhookSecret + u"_FILE"_s, u"TAKT_FAILPOINT"_s};
    for (const Key<Settings> &key : allKeys())
        known << key.variable();
    // Of our own tests and their machines, which start gateways.
    static const QRegularExpression s_tests(u"^TAKT_(CRASH_.*|ORACLE_DIR|PICTURES|TOOLS_DIR)$"_s);
    QStringList unknown;
    for (auto it = environment.cbegin(); it != environment.cend(); ++it) {
        if (it.key().startsWith("TAKT_"_L1) && !known.contains(it.key()) && !s_tests.match(it.key()).hasMatch())
            unknown << it.key();
    }
    unknown.sort();
    return unknown;
}

QString controlSocket(const Environment &environment)
{
    return environment.value(u"TAKT_CONTROL_SOCKET"_s, defaults(environment).controlSocket);
}

Result<Settings> load(const QString &file, const Environment &environment, bool insecure, Role role)
{
    Settings settings = defaults(environment);
    settings.role = role;
    QStringList problems;
    const toml::table table = parse(file, problems);
    readSections(table, settings, problems);
    readEnvironment(environment, settings, problems);
    readSecrets(environment, settings, problems);
    settings.insecure = insecure;
    if (settings.databaseUrl.isEmpty())
        settings.databaseUrl = u"sqlite:"_s + settings.dataDir + u"/takt.db"_s;

    Business base;
    base.speech = settings.speech;
    base.fallback = settings.fallback;
    QList<BusinessPtr> businesses;
    if (const toml::node *node = table.get("business"))
        businesses = readBusinesses(*node, base, problems);
    settings.businesses = BusinessBook(std::move(businesses), std::make_shared<const Business>(base));

    checkTogether(settings, problems);
    if (!problems.isEmpty())
        return Error{problems.join(u'\n')};
    return settings;
}

} // namespace takt::config
