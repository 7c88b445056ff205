// SPDX-License-Identifier: GPL-3.0-or-later
// Settings: defaults, file, environment, secrets; and that every problem is told at once.
#include "config/settings.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace takt::config;
using namespace Qt::Literals::StringLiterals;

namespace {

const Environment kKey{{u"OPENAI_API_KEY"_s, u"sk-test"_s}};

Environment with(std::initializer_list<std::pair<QString, QString>> more)
{
    Environment environment = kKey;
    for (const auto &[name, value] : more)
        environment.insert(name, value);
    return environment;
}

// A field of the settings, by the name of its key.
QString field(const Settings &s, const QString &key)
{
    const auto &vad = s.speech.turnDetection;
    const auto price = [&](takt::UsageClass what) { return QString::number(s.speech.prices.of[std::size_t(what)]); };
    const QHash<QString, QString> all{
        {u"listen"_s, s.listen.address.toString() + u' ' + QString::number(s.listen.port)},
        {u"data_dir"_s, s.dataDir},
        {u"control_socket"_s, s.controlSocket},
        {u"database.url"_s, s.databaseUrl},
        {u"speech.url"_s, s.speech.url.toString()},
        {u"speech.model"_s, s.speech.model},
        {u"speech.instructions"_s, s.speech.instructions},
        {u"speech.greeting"_s, s.speech.greeting},
        {u"speech.voice"_s, s.speech.voice},
        {u"speech.language"_s, s.speech.language},
        {u"speech.transcription_model"_s, s.speech.transcriptionModel},
        {u"speech.vad_threshold"_s, QString::number(vad.threshold)},
        {u"speech.vad_prefix_ms"_s, QString::number(vad.prefixPaddingMs)},
        {u"speech.vad_silence_ms"_s, QString::number(vad.silenceDurationMs)},
        {u"speech.append_ms"_s, QString::number(s.speech.appendMs)},
        {u"speech.interrupt"_s, vad.interruptResponse ? u"server"_s : u"gateway"_s},
        {u"tx.workers"_s, QString::number(s.tx.workers)},
        {u"tx.idle"_s, s.tx.silenceWhenIdle ? u"silence"_s : u"skip"_s},
        {u"tx.lead_ms"_s, QString::number(s.tx.leadMs)},
        {u"tx.backlog_seconds"_s, QString::number(s.tx.backlogSeconds)},
        {u"speech.price_input_text"_s, price(takt::UsageClass::InputText)},
        {u"speech.price_cached_audio"_s, price(takt::UsageClass::CachedAudio)},
        {u"speech.price_transcribed_minute"_s, price(takt::UsageClass::TranscribedMs)},
    };
    return all.value(key, u"no such field"_s);
}

} // namespace

class TestSettings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void defaults_data();
    void defaults();
    void eachKey_data();
    void eachKey();
    void environmentWinsOverTheFile();
    void databaseFollowsTheDataFolder();
    void wrongValues_data();
    void wrongValues();
    void prices();
    void files_data();
    void files();
    void everyProblemAtOnce();
    void secrets_data();
    void secrets();
    void insecure_data();
    void insecure();
    void controlSocketAlone();
    void variablesThatAreNone();

private:
    QString write(const QByteArray &text);
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestSettings::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
}

QString TestSettings::write(const QByteArray &text)
{
    const QString path = m_dir->filePath(u"takt.toml"_s);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        QTest::qFail("can't write the test's file", __FILE__, __LINE__);
    return path;
}

void TestSettings::defaults_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    const auto row = [](const char *key, const QString &value) {
        QTest::newRow(key) << QString::fromLatin1(key) << value;
    };
    row("listen", u"127.0.0.1 8080"_s);
    row("speech.url", u"wss://api.openai.com/v1/realtime"_s);
    row("speech.model", u"gpt-realtime"_s);
    row("speech.language", QString());
    row("speech.vad_threshold", u"0.5"_s);
    row("speech.vad_prefix_ms", u"300"_s);
    row("speech.vad_silence_ms", u"500"_s);
    row("speech.append_ms", u"20"_s);
    row("speech.interrupt", u"server"_s);
    row("speech.price_input_text", u"-1"_s); // not known
    row("speech.price_transcribed_minute", u"-1"_s);
    row("tx.workers", u"1"_s);
    row("tx.idle", u"skip"_s);
    row("tx.lead_ms", u"0"_s);
    row("tx.backlog_seconds", u"120"_s);
}

void TestSettings::defaults()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    const auto settings = load({}, kKey, true);
    QVERIFY2(settings.ok(), settings ? "" : qPrintable(settings.error()));
    QCOMPARE(field(*settings, key), value);
    QVERIFY(settings->insecure);
    QVERIFY(settings->dataDir.endsWith("/takt"_L1));
    QVERIFY(settings->controlSocket.endsWith("/takt.sock"_L1));
    QCOMPARE(settings->databaseUrl, u"sqlite:"_s + settings->dataDir + u"/takt.db"_s);
}

// Every key, in the file and by its variable.
void TestSettings::eachKey_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QString>("variable"); // its value in the environment
    QTest::addColumn<QString>("value");
    const auto row = [](const char *key, const QByteArray &toml, const QString &variable, const QString &value = {}) {
        QTest::addRow("%s = %s", key, toml.simplified().constData())
            << QString::fromLatin1(key) << toml << variable << (value.isNull() ? variable : value);
    };
    row("listen", "\"127.0.0.2:9000\"", u"127.0.0.2:9000"_s, u"127.0.0.2 9000"_s);
    row("listen", "\"[::1]:9000\"", u"[::1]:9000"_s, u"::1 9000"_s);
    row("listen", "\"localhost:0\"", u"localhost:0"_s, u"127.0.0.1 0"_s);
    row("data_dir", "\"/tmp/x y\"", u"/tmp/x y"_s);
    row("control_socket", "'/tmp/t.sock'", u"/tmp/t.sock"_s);
    row("database.url", "\"sqlite:/tmp/x.db\"", u"sqlite:/tmp/x.db"_s, u"sqlite:/tmp/x.db"_s);
    row("speech.url", "\"ws://127.0.0.1:1234/v1/realtime\"", u"ws://127.0.0.1:1234/v1/realtime"_s);
    row("speech.model", "\"gpt-realtime-2\"", u"gpt-realtime-2"_s);
    row("speech.instructions", "\"\"\"\none\ntwo \\\"q\\\"\"\"\"", u"one\ntwo \"q\""_s);
    row("speech.greeting", "\"שלום\"", u"שלום"_s);
    row("speech.voice", "\"\"", u""_s);
    row("speech.language", "\"he\"", u"he"_s);
    row("speech.transcription_model", "\"whisper-1\"", u"whisper-1"_s);
    row("speech.vad_threshold", "0.75", u"0.75"_s);
    row("speech.vad_threshold", "1", u"1"_s);
    row("speech.vad_prefix_ms", "0", u"0"_s);
    row("speech.vad_silence_ms", "10_000", u"10000"_s);
    row("speech.append_ms", "40", u"40"_s);
    row("speech.interrupt", "\"gateway\"", u"gateway"_s);
    row("tx.workers", "64", u"64"_s);
    row("tx.idle", "\"silence\"", u"silence"_s);
    row("tx.lead_ms", "1000", u"1000"_s);
    row("tx.backlog_seconds", "3600", u"3600"_s);
}

void TestSettings::eachKey()
{
    QFETCH(QString, key);
    QFETCH(QByteArray, toml);
    QFETCH(QString, variable);
    QFETCH(QString, value);
    const QString section = key.contains(u'.') ? key.section(u'.', 0, 0) : QString();
    const QString name = key.section(u'.', -1);
    const QByteArray head = section.isEmpty() ? QByteArray() : '[' + section.toUtf8() + "]\n";
    const auto byFile = load(write(head + name.toUtf8() + " = " + toml + '\n'), kKey, true);
    QVERIFY2(byFile.ok(), byFile ? "" : qPrintable(byFile.error()));
    QCOMPARE(field(*byFile, key), value);
    const QString variableName = (u"TAKT_"_s + QString(key).replace(u'.', u'_')).toUpper();
    const auto byEnvironment = load({}, with({{variableName, variable}}), true);
    QVERIFY2(byEnvironment.ok(), byEnvironment ? "" : qPrintable(byEnvironment.error()));
    QCOMPARE(field(*byEnvironment, key), value);
}

void TestSettings::environmentWinsOverTheFile()
{
    const QString file = write("listen = \"127.0.0.1:1111\"\n[speech]\nmodel = \"file\"\nvoice = \"file\"\n");
    const auto settings = load(file,
                               with({{u"TAKT_SPEECH_MODEL"_s, u"environment"_s},
                                     {u"TAKT_LISTEN"_s, u"127.0.0.1:2222"_s},
                                     {u"TAKT_NO_SUCH_KEY"_s, u"is nobody's business"_s}}),
                               true);
    QVERIFY(settings.ok());
    QCOMPARE(settings->speech.model, u"environment"_s);
    QCOMPARE(settings->speech.voice, u"file"_s);
    QCOMPARE(settings->listen.port, quint16(2222));
}

void TestSettings::prices()
{
    const auto read = [&](const QByteArray &text) { return load(write("[speech]\n" + text), kKey, true); };
    const auto all = read("price_currency = \"EUR\"\nprice_input_text = 4\nprice_cached_audio = 0.4\n"
                          "price_transcribed_minute = 0\n");
    QVERIFY2(all.ok(), all ? "" : qPrintable(all.error()));
    QCOMPARE(all->speech.prices.currency, u"EUR"_s);
    QCOMPARE(field(*all, u"speech.price_input_text"_s), u"4"_s);
    QCOMPARE(field(*all, u"speech.price_cached_audio"_s), u"0.4"_s);
    QCOMPARE(field(*all, u"speech.price_transcribed_minute"_s), u"0"_s);
    const auto none = read("price_input_text = 4\n"); // of what?
    QVERIFY(!none.ok());
    QCOMPARE(none.error(), u"prices (price_...) need a price_currency"_s);
    QVERIFY(!read("price_currency = \"EUR\"\nprice_unclassified = 4\n").ok()); // nobody can know that one
}

void TestSettings::databaseFollowsTheDataFolder()
{
    const auto moved = load({}, with({{u"TAKT_DATA_DIR"_s, u"/srv/takt"_s}}), true);
    QVERIFY(moved.ok());
    QCOMPARE(moved->databaseUrl, u"sqlite:/srv/takt/takt.db"_s);
    const auto own = load(
        {}, with({{u"TAKT_DATA_DIR"_s, u"/srv/takt"_s}, {u"TAKT_DATABASE_URL"_s, u"sqlite:/db/t.db"_s}}), true);
    QVERIFY(own.ok());
    QCOMPARE(own->databaseUrl, u"sqlite:/db/t.db"_s);
}

void TestSettings::wrongValues_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value");
    const auto rows = [](const char *variable, std::initializer_list<const char *> values) {
        for (const char *value : values)
            QTest::addRow("%s=%s", variable, value) << QString::fromLatin1(variable) << QString::fromLatin1(value);
    };
    rows("TAKT_LISTEN", {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                         "127.0.0.1:http", "example.com:80", "1.2.3.4.5:80"});
    rows("TAKT_DATA_DIR", {"", "data", "./data", "~/takt"});
    rows("TAKT_CONTROL_SOCKET", {"", "takt.sock", "./takt.sock"});
    rows("TAKT_SPEECH_URL",
         {"", "api.openai.com", "http://a/b", "wss://", "wss:///v1", "ws://a b/c", "file:///etc/passwd"});
    rows("TAKT_DATABASE_URL", {"", "sqlite:", "/tmp/x.db", "mysql://u@h/d", "postgresql://u@h"});
    rows("TAKT_SPEECH_VAD_THRESHOLD", {"", "-0.1", "1.01", "half", "0,5", "nan", "inf", "-inf"});
    rows("TAKT_SPEECH_VAD_PREFIX_MS", {"", "-1", "5001", "0.5", "300ms", "nan"});
    rows("TAKT_SPEECH_VAD_SILENCE_MS", {"49", "10001"});
    rows("TAKT_SPEECH_INTERRUPT", {"", "Server", "both", "true"});
    rows("TAKT_SPEECH_PRICE_CURRENCY", {"usd", "$", "EURO", " USD"});
    rows("TAKT_SPEECH_PRICE_INPUT_TEXT", {"", "-1", "free", "nan", "1000001"});
    rows("TAKT_TX_WORKERS", {"0", "65", "-1", "1.5", "99999999999999999999", "1e300"});
    rows("TAKT_TX_IDLE", {"", "SKIP", "silent"});
    rows("TAKT_TX_LEAD_MS", {"-1", "1001", "inf"});
    rows("TAKT_TX_BACKLOG_SECONDS", {"0", "3601"});
}

void TestSettings::wrongValues()
{
    QFETCH(QString, variable);
    QFETCH(QString, value);
    const auto settings = load({}, with({{variable, value}}), true);
    QVERIFY2(!settings.ok(), "accepted");
    QCOMPARE(settings.error().count(u'\n'), 0); // that one problem
    QVERIFY2(settings.error().startsWith(variable + u" must "_s), qPrintable(settings.error()));
}

void TestSettings::files_data()
{
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QStringList>("problems"); // how each begins
    QTest::newRow("happy: empty") << QByteArray() << QStringList();
    QTest::newRow("happy: comments") << QByteArray("# nothing\n\n[tx] # beat\nworkers = 2 # two\n") << QStringList();
    QTest::newRow("happy: dotted keys") << QByteArray("tx.workers = 2\nspeech.model = \"m\"\n") << QStringList();
    QTest::newRow("rainy: unknown key") << QByteArray("\ncolour = 1\n")
                                        << QStringList{u"line 2: unknown setting colour"_s};
    QTest::newRow("rainy: unknown key of a section")
        << QByteArray("[tx]\n\nworker = 1\n") << QStringList{u"line 3: unknown setting tx.worker"_s};
    QTest::newRow("rainy: unknown section")
        << QByteArray("[rx]\nidle = 1\n") << QStringList{u"line 2: unknown setting rx.idle"_s};
    QTest::newRow("rainy: key of another section")
        << QByteArray("workers = 1\n") << QStringList{u"line 1: unknown setting workers"_s};
    QTest::newRow("rainy: a section that is a value")
        << QByteArray("tx = 5\n") << QStringList{u"line 1: unknown setting tx"_s};
    QTest::newRow("rainy: a value that is a section")
        << QByteArray("[tx.workers]\nn = 5\n") << QStringList{u"line 1: tx.workers must be a single value"_s};
    QTest::newRow("rainy: a list") << QByteArray("[tx]\nworkers = [1, 2]\n")
                                   << QStringList{u"line 2: tx.workers must be a single value"_s};
    QTest::newRow("rainy: out of range") << QByteArray("[tx]\nworkers = 65\n")
                                         << QStringList{u"line 2: tx.workers must be a whole number from 1 to 64"_s};
    QTest::newRow("rainy: a fraction") << QByteArray("[tx]\nworkers = 1.5\n")
                                       << QStringList{u"line 2: tx.workers must be"_s};
    QTest::newRow("rainy: a truth value")
        << QByteArray("[tx]\nworkers = true\n") << QStringList{u"line 2: tx.workers must be"_s};
    QTest::newRow("rainy: no number at all")
        << QByteArray("[speech]\nvad_threshold = nan\n") << QStringList{u"line 2: speech.vad_threshold must be"_s};
    QTest::newRow("rainy: a date") << QByteArray("listen = 2024-01-01\n") << QStringList{u"line 1: listen must be"_s};
    QTest::newRow("rainy: secrets have no place here")
        << QByteArray("OPENAI_API_KEY = \"x\"\n") << QStringList{u"line 1: unknown setting OPENAI_API_KEY"_s};
    QTest::newRow("rainy: broken syntax")
        << QByteArray("[tx]\nworkers = 1\nidle = \"skip\nlead_ms = 1\n") << QStringList{u"line 3: "_s};
    QTest::newRow("rainy: the same key twice")
        << QByteArray("[tx]\nworkers = 1\nworkers = 2\n") << QStringList{u"line 3: "_s};
    QTest::newRow("rainy: not UTF-8") << QByteArray("[speech]\nmodel = \"\xC3\x28\"\n") << QStringList{u"line 2: "_s};
}

void TestSettings::files()
{
    QFETCH(QByteArray, toml);
    QFETCH(QStringList, problems);
    const auto settings = load(write(toml), kKey, true);
    QCOMPARE(settings.ok(), problems.isEmpty());
    if (settings.ok())
        return;
    const QStringList lines = settings.error().split(u'\n');
    QCOMPARE(lines.size(), problems.size());
    for (qsizetype i = 0; i < lines.size(); ++i)
        QVERIFY2(lines[i].startsWith(problems[i]), qPrintable(lines[i]));
}

void TestSettings::everyProblemAtOnce()
{
    const QString file = write(
        "listen = \"0.0.0.0:80\"\ncolour = 1\n[speech]\nurl = \"http://x\"\n[tx]\nworkers = 0\nidle = \"x\"\n");
    const auto settings = load(file, {{u"TAKT_TX_LEAD_MS"_s, u"x"_s}, {u"OPENAI_API_KEY_FILE"_s, u"/no/such/file"_s}},
                               true);
    QVERIFY(!settings.ok());
    for (const char *problem : {"line 2: unknown setting colour", "line 4: speech.url must", "line 6: tx.workers must",
                                "line 7: tx.idle must", "TAKT_TX_LEAD_MS must",
                                "OPENAI_API_KEY_FILE: can't read /no/such/file", "OPENAI_API_KEY (or", "--insecure"})
        QVERIFY2(settings.error().contains(QLatin1StringView(problem)), problem);
    QCOMPARE(settings.error().count(u'\n') + 1, 8);
    const auto missing = load(m_dir->filePath(u"none.toml"_s), {}, true);
    QVERIFY(!missing.ok());
    QCOMPARE(missing.error().count(u'\n') + 1, 2); // the file and the key
    QVERIFY(missing.error().contains("none.toml"_L1));
}

void TestSettings::secrets_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QByteArray>("file"); // null: none
    QTest::addColumn<QString>("key");     // empty: refused
    QTest::newRow("happy: variable") << u"sk-1"_s << QByteArray() << u"sk-1"_s;
    QTest::newRow("happy: file") << QString() << QByteArray("sk-2") << u"sk-2"_s;
    QTest::newRow("happy: file with a line break") << QString() << QByteArray(" sk-2\r\n") << u"sk-2"_s;
    QTest::newRow("happy: the file counts") << u"sk-1"_s << QByteArray("sk-2\n") << u"sk-2"_s;
    QTest::newRow("rainy: neither") << QString() << QByteArray() << QString();
    QTest::newRow("rainy: empty file") << QString() << QByteArray("\n") << QString();
    QTest::newRow("rainy: empty file, and a variable") << u"sk-1"_s << QByteArray("") << QString();
}

void TestSettings::secrets()
{
    QFETCH(QString, variable);
    QFETCH(QByteArray, file);
    QFETCH(QString, key);
    Environment environment;
    if (!variable.isEmpty())
        environment.insert(u"OPENAI_API_KEY"_s, variable);
    if (!file.isNull())
        environment.insert(u"OPENAI_API_KEY_FILE"_s, write(file));
    const auto settings = load({}, environment, true);
    QCOMPARE(settings.ok(), !key.isEmpty());
    if (settings.ok())
        QCOMPARE(settings->speech.apiKey, key);
    else
        QVERIFY(settings.error().contains("OPENAI_API_KEY"_L1) && !settings.error().contains("sk-"_L1));
}

void TestSettings::insecure_data()
{
    QTest::addColumn<QString>("listen");
    QTest::addColumn<bool>("insecure");
    QTest::addColumn<bool>("ok");
    for (const char *address : {"127.0.0.1:8080", "127.1.2.3:8080", "[::1]:8080", "localhost:8080"})
        QTest::addRow("happy: %s", address) << QString::fromLatin1(address) << true << true;
    for (const char *address : {"0.0.0.0:8080", "[::]:8080", "192.168.1.1:8080", "10.0.0.1:8080", "8.8.8.8:8080",
                                "[fe80::1]:8080", "128.0.0.1:8080"})
        QTest::addRow("rainy: %s", address) << QString::fromLatin1(address) << true << false;
    QTest::newRow("rainy: without --insecure, no signatures yet") << u"127.0.0.1:8080"_s << false << false;
}

void TestSettings::insecure()
{
    QFETCH(QString, listen);
    QFETCH(bool, insecure);
    QFETCH(bool, ok);
    const auto settings = load({}, with({{u"TAKT_LISTEN"_s, listen}}), insecure);
    QCOMPARE(settings.ok(), ok);
    if (!ok)
        QVERIFY2(settings.error().contains("--insecure"_L1), qPrintable(settings.error()));
}

void TestSettings::controlSocketAlone()
{
    QCOMPARE(controlSocket({{u"TAKT_CONTROL_SOCKET"_s, u"/tmp/my.sock"_s}}), u"/tmp/my.sock"_s);
    QVERIFY(controlSocket({}).endsWith("/takt.sock"_L1));
    QCOMPARE(controlSocket({{u"XDG_RUNTIME_DIR"_s, u"/run/user/7"_s}}), u"/run/user/7/takt.sock"_s);
    QCOMPARE(controlSocket({{u"XDG_RUNTIME_DIR"_s, QString()}}), QDir::tempPath() + u"/takt.sock"_s);
    qputenv("TAKT_TEST_VARIABLE", "it is there");
    QCOMPARE(systemEnvironment().value(u"TAKT_TEST_VARIABLE"_s), u"it is there"_s);
}

void TestSettings::variablesThatAreNone()
{
    const Environment known = with({{u"TAKT_LISTEN"_s, {}},
                                    {u"TAKT_JOBS_FFMPEG"_s, {}},
                                    {u"TAKT_SPEECH_PRICE_INPUT_TEXT"_s, {}},
                                    {u"TAKT_WEBHOOK_SECRET"_s, {}},
                                    {u"TAKT_WEBHOOK_SECRET_FILE"_s, {}},
                                    {u"TAKT_FAILPOINT"_s, {}},
                                    {u"TAKT_CRASH_SEED"_s, {}},
                                    {u"PATH"_s, {}},
                                    {u"MY_TAKT_LISTEN"_s, {}}});
    QCOMPARE(unknownVariables(known), QStringList());
    Environment mistyped = known;
    mistyped.insert(u"TAKT_LISTEN_FILE"_s, {});
    mistyped.insert(u"TAKT_DATADIR"_s, {});
    QCOMPARE(unknownVariables(mistyped), (QStringList{u"TAKT_DATADIR"_s, u"TAKT_LISTEN_FILE"_s}));
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
