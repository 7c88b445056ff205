// SPDX-License-Identifier: GPL-3.0-or-later
// What the public port, the carrier and admission need of the settings: each key in the file and by its variable, the
// carrier's secrets, and what is required with and without --insecure.
#include "config/settings.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace takt::config;
using namespace Qt::Literals::StringLiterals;

namespace {

// All that a gateway with a carrier needs.
Environment good()
{
    return {{u"OPENAI_API_KEY"_s, u"sk-test"_s},
            {u"TWILIO_AUTH_TOKEN"_s, u"t0ken"_s},
            {u"TAKT_PUBLIC_URL"_s, u"https://gw.example"_s}};
}

Environment with(std::initializer_list<std::pair<QString, QString>> more)
{
    Environment environment = good();
    for (const auto &[name, value] : more)
        environment.insert(name, value);
    return environment;
}

QString yes(bool value)
{
    return value ? u"true"_s : u"false"_s;
}

QString field(const Settings &s, const QString &key)
{
    const auto fallback = [&](Fallback::Kind kind) { return s.fallback.kind == kind ? s.fallback.value : u"other"_s; };
    const QHash<QString, QString> all{
        {u"admin_listen"_s, s.adminListen.toText()},
        {u"public_url"_s, s.publicUrl.toString(QUrl::FullyEncoded)},
        {u"drain_seconds"_s, QString::number(s.drainSeconds)},
        {u"twilio.base_url"_s, s.twilio.baseUrl.toString()},
        {u"twilio.record"_s, yes(s.twilio.record)},
        {u"twilio.detect_machines"_s, yes(s.twilio.detectMachines)},
        {u"twilio.on_machine"_s, s.twilio.hangUpOnMachines ? u"hangup"_s : u"talk"_s},
        {u"admission.max_calls"_s, QString::number(s.admission.maxCalls)},
        {u"admission.max_outbound"_s, QString::number(s.admission.maxOutbound)},
        {u"admission.max_late_ms"_s, QString::number(s.admission.maxLateMs)},
        {u"admission.late_seconds"_s, QString::number(s.admission.lateSeconds)},
        {u"fallback.say"_s, fallback(Fallback::Kind::Say)},
        {u"fallback.dial"_s, fallback(Fallback::Kind::Dial)},
        {u"fallback.redirect"_s, fallback(Fallback::Kind::Redirect)},
        {u"fallback.language"_s, s.fallback.language},
    };
    return all.value(key, u"no such field"_s);
}

} // namespace

class TestSettingsCarrier : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void eachKey_data();
    void eachKey();
    void defaults();
    void wrongValues_data();
    void wrongValues();
    void required_data();
    void required();
    void transferNeedsABusiness();
    void authTokens_data();
    void authTokens();
    void accountSid();
    void tlsFilesBelongTogether();
    void oneFallbackOnly();

private:
    QString write(const QByteArray &text)
    {
        const QString path = m_dir->filePath(u"file"_s);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            QTest::qFail("can't write the test's file", __FILE__, __LINE__);
        return path;
    }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestSettingsCarrier::eachKey_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QString>("variable"); // its value in the environment
    QTest::addColumn<QString>("value");
    const auto row = [](const char *key, const QByteArray &toml, const QString &variable, const QString &value = {}) {
        QTest::addRow("%s = %s", key, toml.constData())
            << QString::fromLatin1(key) << toml << variable << (value.isNull() ? variable : value);
    };
    row("admin_listen", "\"0.0.0.0:1234\"", u"0.0.0.0:1234"_s);
    row("admin_listen", "\"[::1]:0\"", u"[::1]:0"_s);
    row("public_url", "\"https://other.example:8443/a%20b\"", u"https://other.example:8443/a%20b"_s);
    row("public_url", "\"http://127.0.0.1:8080\"", u"http://127.0.0.1:8080"_s);
    row("drain_seconds", "0", u"0"_s);
    row("drain_seconds", "86400", u"86400"_s);
    row("twilio.base_url", "\"https://api.dublin.ie1.twilio.com\"", u"https://api.dublin.ie1.twilio.com"_s);
    row("twilio.base_url", "\"http://localhost:1\"", u"http://localhost:1"_s);
    row("twilio.record", "false", u"false"_s);
    row("twilio.detect_machines", "true", u"true"_s);
    row("twilio.on_machine", "\"talk\"", u"talk"_s);
    row("admission.max_calls", "100", u"100"_s);
    row("admission.max_outbound", "0", u"0"_s);
    row("admission.max_late_ms", "0", u"0"_s);
    row("admission.late_seconds", "1", u"1"_s);
    row("fallback.say", "\" Bye & שלום \"", u" Bye & שלום "_s, u"Bye & שלום"_s);
    row("fallback.dial", "\"+1 (555) 123-4567\"", u"+1 (555) 123-4567"_s, u"+15551234567"_s);
    row("fallback.dial", "\"sip:desk@b.example\"", u"sip:desk@b.example"_s);
    row("fallback.redirect", "\"https://b.example/x?a=1\"", u"https://b.example/x?a=1"_s);
    row("fallback.language", "\"en-US\"", u"en-US"_s);
}

void TestSettingsCarrier::eachKey()
{
    QFETCH(QString, key);
    QFETCH(QByteArray, toml);
    QFETCH(QString, variable);
    QFETCH(QString, value);
    const QString section = key.contains(u'.') ? key.section(u'.', 0, 0) : QString();
    const QByteArray head = section.isEmpty() ? QByteArray() : '[' + section.toUtf8() + "]\n";
    Environment environment = good();
    if (key == "public_url"_L1)
        environment.remove(u"TAKT_PUBLIC_URL"_s);
    const auto byFile = load(write(head + key.section(u'.', -1).toUtf8() + " = " + toml + '\n'), environment, false);
    QVERIFY2(byFile.ok(), byFile ? "" : qPrintable(byFile.error()));
    QCOMPARE(field(*byFile, key), value);
    environment.insert((u"TAKT_"_s + QString(key).replace(u'.', u'_')).toUpper(), variable);
    const auto byEnvironment = load({}, environment, false);
    QVERIFY2(byEnvironment.ok(), byEnvironment ? "" : qPrintable(byEnvironment.error()));
    QCOMPARE(field(*byEnvironment, key), value);
}

void TestSettingsCarrier::defaults()
{
    const auto settings = load({}, good(), false);
    QVERIFY2(settings.ok(), settings ? "" : qPrintable(settings.error()));
    QVERIFY(!settings->insecure);
    QVERIFY(!settings->tls.wanted());
    const QHash<QString, QString> expected{{u"admin_listen"_s, u"127.0.0.1:9464"_s},
                                           {u"drain_seconds"_s, u"600"_s},
                                           {u"twilio.base_url"_s, u"https://api.twilio.com"_s},
                                           {u"twilio.record"_s, u"true"_s},
                                           {u"twilio.detect_machines"_s, u"false"_s},
                                           {u"twilio.on_machine"_s, u"hangup"_s},
                                           {u"admission.max_calls"_s, u"0"_s},
                                           {u"admission.max_outbound"_s, u"0"_s},
                                           {u"admission.max_late_ms"_s, u"20"_s},
                                           {u"admission.late_seconds"_s, u"3"_s}};
    for (auto it = expected.begin(); it != expected.end(); ++it)
        QCOMPARE(field(*settings, it.key()), it.value());
    QVERIFY(field(*settings, u"fallback.say"_s).contains("call again later"_L1));
    QVERIFY(settings->businesses.only() != nullptr);
    QCOMPARE(settings->businesses.only()->fallback.value, settings->fallback.value);
}

void TestSettingsCarrier::wrongValues_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value");
    const auto rows = [](const char *variable, std::initializer_list<const char *> values) {
        for (const char *value : values)
            QTest::addRow("%s=%s", variable, value) << QString::fromLatin1(variable) << QString::fromLatin1(value);
    };
    rows("TAKT_ADMIN_LISTEN", {"", "9464", "host:1", "127.0.0.1:65536"});
    rows("TAKT_PUBLIC_URL", {"", "gw.example", "wss://gw.example", "https://", "https:///x", "http://gw.example",
                             "http://10.0.0.1", "HTTPS//x"});
    rows("TAKT_DRAIN_SECONDS", {"", "-1", "86401", "1.5", "forever"});
    rows("TAKT_TWILIO_BASE_URL", {"", "api.twilio.com", "http://api.twilio.com", "ftp://x"});
    rows("TAKT_TWILIO_RECORD", {"", "1", "yes", "True"});
    rows("TAKT_TWILIO_DETECT_MACHINES", {"", "on"});
    rows("TAKT_TWILIO_ON_MACHINE", {"", "hang up", "true"});
    rows("TAKT_ADMISSION_MAX_CALLS", {"", "-1", "100001", "1.5", "nan"});
    rows("TAKT_ADMISSION_MAX_OUTBOUND", {"-1", "100001"});
    rows("TAKT_ADMISSION_MAX_LATE_MS", {"-1", "10001", "20ms"});
    rows("TAKT_ADMISSION_LATE_SECONDS", {"0", "3601"});
    rows("TAKT_FALLBACK_SAY", {"", "  "});
    rows("TAKT_FALLBACK_DIAL", {"", "911", "sip:", "+0123456789", "tel:+15551234567"});
    rows("TAKT_FALLBACK_REDIRECT", {"", "/twilio/voice", "https://", "httpx://b.example", "javascript:alert(1)"});
}

void TestSettingsCarrier::wrongValues()
{
    QFETCH(QString, variable);
    QFETCH(QString, value);
    Environment environment = with({{variable, value}});
    const auto settings = load({}, environment, false);
    QVERIFY2(!settings.ok(), "accepted");
    const QString key = variable.sliced(5).toLower();
    const QString dotted = QString(key).replace(key.indexOf(u'_'), 1, u"."_s);
    const QString first = settings.error().section(u'\n', 0, 0);
    QVERIFY2(first.startsWith(variable + u" must "_s) || first.startsWith(key + u" must "_s)
                 || first.startsWith(dotted + u" must "_s),
             qPrintable(settings.error()));
}

void TestSettingsCarrier::required_data()
{
    QTest::addColumn<QString>("missing");
    QTest::addColumn<QString>("withoutInsecure"); // what is said; empty: fine
    QTest::addColumn<QString>("insecure");
    const QString key = u"OPENAI_API_KEY (or"_s;
    QTest::newRow("nothing") << QString() << QString() << QString();
    QTest::newRow("the model's key") << u"OPENAI_API_KEY"_s << key << key;
    QTest::newRow("the carrier's token") << u"TWILIO_AUTH_TOKEN"_s << u"TWILIO_AUTH_TOKEN (or"_s << QString();
    QTest::newRow("the public URL") << u"TAKT_PUBLIC_URL"_s << u"public_url (TAKT_PUBLIC_URL) is not set"_s
                                    << QString();
}

// Who passes callers on has to know where to.
void TestSettingsCarrier::transferNeedsABusiness()
{
    Environment environment = good();
    environment.insert(u"TAKT_SPEECH_TOOLS"_s, u"end_call, transfer_call"_s);
    const auto refused = load({}, environment, true);
    QVERIFY(!refused.ok() && refused.error().contains("transfer_call needs a [[business]]"_L1));
    environment.insert(u"TAKT_SPEECH_TOOLS"_s, u"end_call"_s);
    const auto settings = load(write("[speech]\ntools = [\"transfer_call\"]\n"), environment, true);
    QVERIFY2(settings.ok(), settings ? "" : qPrintable(settings.error()));
    QCOMPARE(settings->speech.tools, QStringList{u"end_call"_s}); // instead of the file's, not beside them
}

void TestSettingsCarrier::required()
{
    QFETCH(QString, missing);
    QFETCH(QString, withoutInsecure);
    QFETCH(QString, insecure);
    for (const bool open : {false, true}) {
        const QString says = open ? insecure : withoutInsecure;
        Environment environment = good();
        environment.remove(missing);
        const auto settings = load({}, environment, open);
        QCOMPARE(settings.ok(), says.isEmpty());
        if (!settings.ok()) {
            QVERIFY2(settings.error().startsWith(says), qPrintable(settings.error()));
            QCOMPARE(settings.error().count(u'\n'), 0);
        }
    }
    // A public address is for carriers that sign.
    QVERIFY(load({}, with({{u"TAKT_LISTEN"_s, u"0.0.0.0:443"_s}}), false).ok());
    QVERIFY(!load({}, with({{u"TAKT_LISTEN"_s, u"0.0.0.0:443"_s}}), true).ok());
    const auto admin = load({}, with({{u"TAKT_ADMIN_LISTEN"_s, u"0.0.0.0:9464"_s}}), true);
    QVERIFY(!admin.ok() && admin.error().startsWith("admin_listen must be a loopback"_L1));
}

void TestSettingsCarrier::authTokens_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QByteArray>("file"); // null: none
    QTest::addColumn<QList<QByteArray>>("tokens");
    QTest::newRow("one") << u"a1"_s << QByteArray() << QList<QByteArray>{"a1"};
    QTest::newRow("two") << u"a1,b2"_s << QByteArray() << QList<QByteArray>{"a1", "b2"};
    QTest::newRow("two, with spaces") << u" a1 , b2,"_s << QByteArray() << QList<QByteArray>{"a1", "b2"};
    QTest::newRow("nothing but commas") << u" , ,"_s << QByteArray() << QList<QByteArray>{};
    QTest::newRow("file") << QString() << QByteArray("a1\n") << QList<QByteArray>{"a1"};
    QTest::newRow("file of two") << QString() << QByteArray("a1,\r\nb2\r\n") << QList<QByteArray>{"a1", "b2"};
    QTest::newRow("the file counts") << u"a1"_s << QByteArray("b2") << QList<QByteArray>{"b2"};
    QTest::newRow("an empty file, and a variable") << u"a1"_s << QByteArray("") << QList<QByteArray>{};
}

void TestSettingsCarrier::authTokens()
{
    QFETCH(QString, variable);
    QFETCH(QByteArray, file);
    QFETCH(QList<QByteArray>, tokens);
    Environment environment = good();
    environment.insert(u"TWILIO_AUTH_TOKEN"_s, variable);
    if (!file.isNull())
        environment.insert(u"TWILIO_AUTH_TOKEN_FILE"_s, write(file));
    const auto settings = load({}, environment, false);
    QCOMPARE(settings.ok(), !tokens.isEmpty());
    if (settings.ok())
        QCOMPARE(settings->twilio.authTokens, tokens);
    else
        QVERIFY(!settings.error().contains("a1"_L1));
    const auto none = load({}, with({{u"TWILIO_AUTH_TOKEN_FILE"_s, u"/no/such/file"_s}}), false);
    QVERIFY(!none.ok() && none.error().startsWith("TWILIO_AUTH_TOKEN_FILE: can't read /no/such/file"_L1));
}

void TestSettingsCarrier::accountSid()
{
    QCOMPARE(load({}, with({{u"TWILIO_ACCOUNT_SID"_s, u"AC1"_s}}), false)->twilio.accountSid, u"AC1"_s);
    const QString file = write("AC2\n");
    QCOMPARE(load({}, with({{u"TWILIO_ACCOUNT_SID_FILE"_s, file}}), false)->twilio.accountSid, u"AC2"_s);
}

void TestSettingsCarrier::tlsFilesBelongTogether()
{
    const auto both = load(write("[tls]\ncertificate = \"/c.pem\"\nkey = \"/k.pem\"\n"), good(), false);
    QVERIFY(both.ok());
    QVERIFY(both->tls.wanted());
    QCOMPARE(both->tls.certificateFile + both->tls.keyFile, u"/c.pem/k.pem"_s);
    QVERIFY(both->tls.trustFile.isEmpty());
    const auto trusting = load({}, with({{u"TAKT_TLS_TRUST"_s, u"/ours.pem"_s}}), false);
    QVERIFY(trusting.ok());
    QCOMPARE(trusting->tls.trustFile, u"/ours.pem"_s);
    QVERIFY(!trusting->tls.wanted());
    for (const QString &one : {u"TAKT_TLS_CERTIFICATE"_s, u"TAKT_TLS_KEY"_s}) {
        const auto settings = load({}, with({{one, u"/x.pem"_s}}), false);
        QVERIFY(!settings.ok());
        QCOMPARE(settings.error(), u"tls.certificate and tls.key belong together: one of them is missing"_s);
    }
}

// Which of two would count, nobody could tell from the file.
void TestSettingsCarrier::oneFallbackOnly()
{
    const auto two = load(write("[fallback]\nsay = \"Bye\"\ndial = \"+15551234567\"\n"), good(), false);
    QVERIFY2(!two.ok(), "accepted");
    QCOMPARE(two.error(), u"line 3: fallback.dial and fallback.say exclude each other"_s);
    // The environment replaces the file's.
    const auto other = load(write("[fallback]\nsay = \"Bye\"\nlanguage = \"en-GB\"\n"),
                            with({{u"TAKT_FALLBACK_DIAL"_s, u"+15551234567"_s}}), false);
    QVERIFY(other.ok());
    QCOMPARE(other->fallback.value, u"+15551234567"_s);
}

QTEST_GUILESS_MAIN(TestSettingsCarrier)
#include "tst_settings_carrier.moc"
