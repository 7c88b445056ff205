// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"

#include <QDir>
#include <QFile>
#include <QProcessEnvironment>
#include <QStandardPaths>

#include <toml++/toml.h>

#include <functional>
#include <vector>

namespace takt::config {

using namespace Qt::Literals::StringLiterals;

namespace {

// Takes a value as text; returns what is wrong with it, or nothing.
using Set = std::function<QString(Settings &, const QString &)>;
struct Key {
    QString section; // empty: top level
    QString name;
    Set set;
    [[nodiscard]] QString path() const { return section.isEmpty() ? name : section + u'.' + name; }
    [[nodiscard]] QString variable() const
    {
        return (u"TAKT_"_s + (section.isEmpty() ? QString() : section + u'_') + name).toUpper();
    }
};

Set text(std::function<QString &(Settings &)> field)
{
    return [=](Settings &s, const QString &value) {
        field(s) = value;
        return QString();
    };
}

template <typename T>
Set number(std::function<T &(Settings &)> field, T from, T to)
{
    return [=](Settings &s, const QString &value) {
        bool ok = false;
        const double d = value.toDouble(&ok);
        if (!ok || !(d >= double(from) && d <= double(to)) || // so, and not the other way round: NaN is neither
            (std::is_integral_v<T> && d != double(qint64(d))))
            return u"must be a%1number from %2 to %3"_s.arg(std::is_integral_v<T> ? u" whole "_s : u" "_s)
                .arg(from)
                .arg(to);
        field(s) = T(d);
        return QString();
    };
}

// One of two words.
Set choice(std::function<bool &(Settings &)> field, const QString &no, const QString &yes)
{
    return [=](Settings &s, const QString &value) {
        if (value != no && value != yes)
            return u"must be \"%1\" or \"%2\""_s.arg(no, yes);
        field(s) = value == yes;
        return QString();
    };
}

QString setListen(Settings &s, const QString &value)
{
    const qsizetype colon = value.lastIndexOf(u':');
    bool ok = false;
    const uint port = value.mid(colon + 1).toUInt(&ok);
    QString host = value.left(qMax<qsizetype>(0, colon));
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2); // [::1]:8080
    const QHostAddress address(host == "localhost"_L1 ? u"127.0.0.1"_s : host);
    if (colon < 0 || !ok || port > 65535 || address.isNull())
        return u"must be ADDRESS:PORT, like 127.0.0.1:8080"_s;
    s.listenAddress = address;
    s.listenPort = quint16(port);
    return {};
}

QString setSpeechUrl(Settings &s, const QString &value)
{
    const QUrl url(value, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || (url.scheme() != "ws"_L1 && url.scheme() != "wss"_L1))
        return u"must be a ws:// or wss:// URL"_s;
    s.speech.url = url;
    return {};
}

QString setDatabase(Settings &s, const QString &value)
{
    if (!value.startsWith("sqlite:"_L1) || value.size() == 7)
        return u"must be sqlite:PATH (PostgreSQL is not supported yet)"_s;
    s.databasePath = value.sliced(7);
    return {};
}

const std::vector<Key> &keys()
{
    static const std::vector<Key> s_keys{
        {{}, u"listen"_s, setListen},
        {{}, u"data_dir"_s, text([](Settings &s) -> QString & { return s.dataDir; })},
        {{}, u"control_socket"_s, text([](Settings &s) -> QString & { return s.controlSocket; })},
        {u"database"_s, u"url"_s, setDatabase},
        {u"speech"_s, u"url"_s, setSpeechUrl},
        {u"speech"_s, u"model"_s, text([](Settings &s) -> QString & { return s.speech.model; })},
        {u"speech"_s, u"instructions"_s, text([](Settings &s) -> QString & { return s.speech.instructions; })},
        {u"speech"_s, u"greeting"_s, text([](Settings &s) -> QString & { return s.speech.greeting; })},
        {u"speech"_s, u"voice"_s, text([](Settings &s) -> QString & { return s.speech.voice; })},
        {u"speech"_s, u"language"_s, text([](Settings &s) -> QString & { return s.speech.language; })},
        {u"speech"_s, u"transcription_model"_s,
         text([](Settings &s) -> QString & { return s.speech.transcriptionModel; })},
        {u"speech"_s, u"vad_threshold"_s,
         number<double>([](Settings &s) -> double & { return s.speech.turnDetection.threshold; }, 0, 1)},
        {u"speech"_s, u"vad_prefix_ms"_s,
         number<int>([](Settings &s) -> int & { return s.speech.turnDetection.prefixPaddingMs; }, 0, 5000)},
        {u"speech"_s, u"vad_silence_ms"_s,
         number<int>([](Settings &s) -> int & { return s.speech.turnDetection.silenceDurationMs; }, 50, 10'000)},
        {u"speech"_s, u"interrupt"_s,
         choice([](Settings &s) -> bool & { return s.speech.turnDetection.interruptResponse; }, u"gateway"_s,
                u"server"_s)},
        {u"tx"_s, u"workers"_s, number<int>([](Settings &s) -> int & { return s.tx.workers; }, 1, 64)},
        {u"tx"_s, u"idle"_s,
         choice([](Settings &s) -> bool & { return s.tx.silenceWhenIdle; }, u"skip"_s, u"silence"_s)},
        {u"tx"_s, u"lead_ms"_s, number<int>([](Settings &s) -> int & { return s.tx.leadMs; }, 0, 1000)},
        {u"tx"_s, u"backlog_seconds"_s, number<int>([](Settings &s) -> int & { return s.tx.backlogSeconds; }, 1, 3600)},
    };
    return s_keys;
}

const Key *find(const QString &section, const QString &name)
{
    for (const Key &key : keys()) {
        if (key.section == section && key.name == name)
            return &key;
    }
    return nullptr;
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

void readTable(const toml::table &table, const QString &section, Settings &settings, QStringList &problems)
{
    for (const auto &[tomlKey, node] : table) {
        const QString name = QString::fromUtf8(tomlKey.str().data(), qsizetype(tomlKey.str().size()));
        const QString line = u"line %1: "_s.arg(node.source().begin.line);
        if (section.isEmpty() && node.is_table()) {
            readTable(*node.as_table(), name, settings, problems);
            continue;
        }
        const Key *key = find(section, name);
        if (key == nullptr)
            problems << line + u"unknown setting "_s + (section.isEmpty() ? name : section + u'.' + name);
        else if (!node.is_value())
            problems << line + key->path() + u" must be a single value"_s;
        else if (const QString wrong = key->set(settings, toText(node)); !wrong.isEmpty())
            problems << line + key->path() + u' ' + wrong;
    }
}

void readFile(const QString &path, Settings &settings, QStringList &problems)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        problems << u"can't read %1: %2"_s.arg(path, file.errorString());
        return;
    }
    const QByteArray bytes = file.readAll();
    try { // toml++ reports syntax errors that way; nothing throws beyond this function
        readTable(toml::parse(std::string_view(bytes.constData(), std::size_t(bytes.size()))), {}, settings, problems);
    } catch (const toml::parse_error &error) {
        const std::string_view what = error.description();
        problems << u"line %1: %2"_s.arg(error.source().begin.line)
                        .arg(QString::fromUtf8(what.data(), qsizetype(what.size())));
    }
}

void readEnvironment(const Environment &environment, Settings &settings, QStringList &problems)
{
    for (const Key &key : keys()) {
        const auto value = environment.constFind(key.variable());
        if (value == environment.constEnd())
            continue;
        if (const QString wrong = key.set(settings, *value); !wrong.isEmpty())
            problems << key.variable() + u' ' + wrong;
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

Settings defaults(const Environment &environment)
{
    Settings s;
    s.dataDir = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/takt"_s;
    // Not QStandardPaths: it invents a folder, with a warning, where the variable is not set.
    s.controlSocket = environment.value(u"XDG_RUNTIME_DIR"_s, QDir::tempPath()) + u"/takt.sock"_s;
    s.speech.url = QUrl(u"wss://api.openai.com/v1/realtime"_s);
    s.speech.model = u"gpt-realtime"_s;
    s.speech.voice = u"marin"_s;
    s.speech.transcriptionModel = u"gpt-4o-mini-transcribe"_s;
    s.speech.instructions = u"You are a friendly phone agent. Speak briefly and clearly."_s;
    s.speech.greeting = u"Greet the caller and ask how you can help."_s;
    return s;
}

} // namespace

Environment systemEnvironment()
{
    const QProcessEnvironment system = QProcessEnvironment::systemEnvironment();
    Environment environment;
    const QStringList names = system.keys();
    for (const QString &name : names)
        environment.insert(name, system.value(name));
    return environment;
}

QString controlSocket(const Environment &environment)
{
    return environment.value(u"TAKT_CONTROL_SOCKET"_s, defaults(environment).controlSocket);
}

Result<Settings> load(const QString &file, const Environment &environment, bool insecure)
{
    Settings settings = defaults(environment);
    QStringList problems;
    if (!file.isEmpty())
        readFile(file, settings, problems);
    readEnvironment(environment, settings, problems);
    settings.speech.apiKey = secret(u"OPENAI_API_KEY"_s, environment, problems);
    settings.insecure = insecure;
    if (settings.databasePath.isEmpty())
        settings.databasePath = settings.dataDir + u"/takt.db"_s;

    if (settings.speech.apiKey.isEmpty())
        problems << u"OPENAI_API_KEY (or OPENAI_API_KEY_FILE) is not set: the speech model needs a key"_s;
    if (!insecure)
        problems << u"this version can't check carrier signatures yet: run it with --insecure, on a loopback address"_s;
    else if (!settings.listenAddress.isLoopback())
        problems << u"--insecure accepts unsigned carriers and is allowed on a loopback address only, not on %1"_s.arg(
            settings.listenAddress.toString());
    if (!problems.isEmpty())
        return Error{problems.join(u'\n')};
    return settings;
}

} // namespace takt::config
