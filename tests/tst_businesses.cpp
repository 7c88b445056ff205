// SPDX-License-Identifier: GPL-3.0-or-later
// Whose agent answers which number: each key of a [[business]], what is wrong with it and where, and the look-ups.
#include "shared/phonenumber.h"
#include "config/settings.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace takt::config;
using namespace Qt::Literals::StringLiterals;

namespace {

const QByteArray kShop = "[[business]]\nname = \"shop\"\nnumbers = [\"+15550000001\"]\n";

QString words(const QStringList &list)
{
    return list.join(u'|');
}

QString field(const Business &b, const QString &key)
{
    const auto &vad = b.speech.turnDetection;
    const auto fallback = [&](Fallback::Kind kind) { return b.fallback.kind == kind ? b.fallback.value : u"other"_s; };
    const QHash<QString, QString> all{
        {u"name"_s, b.name},
        {u"numbers"_s, words(b.numbers)},
        {u"services"_s, words(b.services)},
        {u"cities"_s, words(b.cities)},
        {u"lead_statuses"_s, words(b.leadStatuses)},
        {u"tools"_s, words(b.speech.tools)},
        {u"transfer_to"_s, b.transferTo},
        {u"webhook_url"_s, b.webhookUrl.toString()},
        {u"max_calls"_s, QString::number(b.limits.calls)},
        {u"max_outbound"_s, QString::number(b.limits.outbound)},
        {u"fallback_say"_s, fallback(Fallback::Kind::Say)},
        {u"fallback_dial"_s, fallback(Fallback::Kind::Dial)},
        {u"fallback_redirect"_s, fallback(Fallback::Kind::Redirect)},
        {u"fallback_language"_s, b.fallback.language},
        {u"instructions"_s, b.speech.instructions},
        {u"greeting"_s, b.speech.greeting},
        {u"voice"_s, b.speech.voice},
        {u"language"_s, b.speech.language},
        {u"transcription_model"_s, b.speech.transcriptionModel},
        {u"vad_threshold"_s, QString::number(vad.threshold)},
        {u"vad_prefix_ms"_s, QString::number(vad.prefixPaddingMs)},
        {u"vad_silence_ms"_s, QString::number(vad.silenceDurationMs)},
        {u"append_ms"_s, QString::number(b.speech.appendMs)},
        {u"interrupt"_s, vad.interruptResponse ? u"server"_s : u"gateway"_s},
        {u"price_currency"_s, b.speech.prices.currency},
    };
    return all.value(key, u"no such field"_s);
}

} // namespace

class TestBusinesses : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void eachKey_data();
    void eachKey();
    void wrong_data();
    void wrong();
    void everythingAtOnce();
    void inheritsTheGateways();
    void webhookSecret();
    void lookUps();
    void withoutAny();
    void numbers_data();
    void numbers();

private:
    takt::Result<Settings> read(const QByteArray &toml)
    {
        QFile file(m_dir->filePath(u"takt.toml"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write(toml) != toml.size())
            QTest::qFail("can't write the test's file", __FILE__, __LINE__);
        file.close();
        return load(file.fileName(), {{u"OPENAI_API_KEY"_s, u"sk-test"_s}}, true);
    }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestBusinesses::eachKey_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QString>("value");
    const auto row = [](const char *key, const QByteArray &toml, const QString &value) {
        QTest::addRow("%s = %s", key, toml.constData()) << QString::fromLatin1(key) << toml << value;
    };
    row("name", "\" Zoë's קפה \"", u"Zoë's קפה"_s);
    row("numbers", "[\"+1 (555) 123-4567\", \"sip:desk@b.example\"]", u"+15551234567|sip:desk@b.example"_s);
    row("services", "[\"repair\", \" rent \"]", u"repair|rent"_s);
    row("services", "[]", QString());
    row("cities", "[\"Haifa\"]", u"Haifa"_s);
    row("lead_statuses", "[\"new\", \"won\"]", u"new|won"_s);
    row("tools", "[\"end_call\"]", u"end_call"_s);
    row("tools", "[\"transfer_call\", \"end_call\"]\ntransfer_to = \"sip:a@b\"", u"transfer_call|end_call"_s);
    row("tools", "[]", QString());
    row("transfer_to", "\"+1 555 123 4567\"", u"+15551234567"_s);
    row("webhook_url", "\"https://b.example/hook?a=1\"", u"https://b.example/hook?a=1"_s);
    row("max_calls", "100000", u"100000"_s);
    row("max_outbound", "0", u"0"_s);
    row("fallback_say", "\"Closed\"", u"Closed"_s);
    row("fallback_dial", "\"+1 555 123 4567\"", u"+15551234567"_s);
    row("fallback_redirect", "\"http://b.example/x\"", u"http://b.example/x"_s);
    row("fallback_language", "\"he-IL\"", u"he-IL"_s);
    row("instructions", "\"Be brief\"", u"Be brief"_s);
    row("greeting", "\"\"", QString());
    row("voice", "\"cedar\"", u"cedar"_s);
    row("language", "\"he\"", u"he"_s);
    row("transcription_model", "\"\"", QString());
    row("vad_threshold", "0.25", u"0.25"_s);
    row("vad_prefix_ms", "5000", u"5000"_s);
    row("vad_silence_ms", "50", u"50"_s);
    row("append_ms", "40", u"40"_s);
    row("interrupt", "\"gateway\"", u"gateway"_s);
    row("price_currency", "\"EUR\"", u"EUR"_s);
}

void TestBusinesses::eachKey()
{
    QFETCH(QString, key);
    QFETCH(QByteArray, toml);
    QFETCH(QString, value);
    QByteArray file = "[[business]]\n";
    if (key != "name"_L1)
        file += "name = \"shop\"\n";
    if (key != "numbers"_L1)
        file += "numbers = [\"+15550000001\"]\n";
    const auto settings = read(file + key.toUtf8() + " = " + toml + '\n');
    QVERIFY2(settings.ok(), settings ? "" : qPrintable(settings.error()));
    QCOMPARE(settings->businesses.all().size(), 1);
    QCOMPARE(field(*settings->businesses.only(), key), value);
}

void TestBusinesses::wrong_data()
{
    QTest::addColumn<QByteArray>("toml"); // behind a good business in the first three lines
    QTest::addColumn<QString>("problem");
    const auto row = [](const QByteArray &toml, const QString &problem) {
        QTest::newRow(toml.simplified().constData()) << toml << problem;
    };
    const auto value = [&](const QByteArray &line, const QString &problem) {
        row(line + '\n', u"line 4: "_s + problem);
    };
    value("numbres = [\"+15550000002\"]", u"unknown setting numbres"_s);
    value("url = \"wss://x\"", u"unknown setting url"_s); // the model is the gateway's
    value("services = \"repair\"", u"services must be a list: [\"...\", \"...\"]"_s);
    value("services = [\"repair\", \" \"]", u"services must not hold an empty entry"_s);
    value("services = [[\"repair\"]]", u"services must be a single value"_s);
    value("cities = 5", u"cities must be a list"_s);
    value("tools = [\"end_call\", \"rm\"]", u"tools \"rm\" is no tool: end_call, transfer_call"_s);
    value("transfer_to = \"911\"", u"transfer_to must be a number like +15551234567"_s);
    row("tools = [\"transfer_call\"]\n", u"line 1: business \"shop\" has the tool transfer_call, and no transfer_to"_s);
    value("webhook_url = \"b.example\"", u"webhook_url must be a https:// or http:// URL"_s);
    value("webhook_secret_file = \"/no/such/file\"", u"webhook_secret_file can't read /no/such/file"_s);
    value("max_calls = -1", u"max_calls must be a whole number from 0 to 100000"_s);
    value("max_outbound = 1.5", u"max_outbound must be a whole number"_s);
    value("max_calls = [1]", u"max_calls must be a single value"_s);
    value("fallback_say = \"\"", u"fallback_say must be a sentence"_s);
    value("fallback_dial = \"911\"", u"fallback_dial must be a number"_s);
    value("fallback_redirect = \"ftp://b.example\"", u"fallback_redirect must be an https:// URL"_s);
    row("fallback_redirect = \"https://b.example\"\nfallback_dial = \"+15551234567\"\n",
        u"line 5: fallback_dial and fallback_redirect exclude each other"_s);
    value("vad_threshold = 2", u"vad_threshold must be a number from 0 to 1"_s);
    value("interrupt = \"both\"", u"interrupt must be \"gateway\" or \"server\""_s);
    value("price_output_audio = -1", u"price_output_audio must be a number from 0 to 100000"_s);
    value("[business.speech]\nvoice = \"cedar\"", u"unknown setting speech"_s);
    row("\n[[business]]\nnumbers = [\"+15550000002\"]\n", u"line 5: a [[business]] needs a name"_s);
    row("\n[[business]]\nname = \" \"\nnumbers = [\"+15550000002\"]\n",
        u"line 6: name must be 1 to 100 characters\nline 5: a [[business]] needs a name"_s);
    row("\n[[business]]\nname = \"bank\"\n", u"line 5: business \"bank\" has no numbers"_s);
    row("\n[[business]]\nname = \"bank\"\nnumbers = []\n", u"line 5: business \"bank\" has no numbers"_s);
    row("\n[[business]]\nname = \"shop\"\nnumbers = [\"+15550000002\"]\n", u"line 5: a second business \"shop\""_s);
    row("\n[[business]]\nname = \"bank\"\nnumbers = [\"+1 555-000-0001\"]\n",
        u"line 5: +15550000001 belongs to \"shop\" already, and is claimed by \"bank\""_s);
    row("\n[[business]]\nname = \"bank\"\nnumbers = [\"+15550000002\", \"+1 5550000002\"]\n",
        u"line 5: +15550000002 belongs to \"bank\" already"_s);
    row("\n[[business]]\nname = \"bank\"\nnumbers = [\"5550000002\"]\n",
        u"line 7: numbers \"5550000002\" must be like +15551234567, or sip:..."_s);
}

void TestBusinesses::wrong()
{
    QFETCH(QByteArray, toml);
    QFETCH(QString, problem);
    const auto settings = read(kShop + toml);
    QVERIFY2(!settings.ok(), "accepted");
    QVERIFY2(settings.error().startsWith(problem), qPrintable(settings.error()));
}

void TestBusinesses::everythingAtOnce()
{
    const auto settings = read("colour = 1\n[tx]\nworkers = 0\n[[business]]\nname = \"a\"\nmax_calls = \"x\"\n"
                               "[[business]]\nname = \"a\"\nnumbers = [\"1\", \"+15550000001\"]\nfoo = 1\n");
    QVERIFY(!settings.ok());
    for (const char *problem : {"line 1: unknown setting colour", "line 3: tx.workers must", "line 6: max_calls must",
                                "line 4: business \"a\" has no numbers", "line 7: a second business \"a\"",
                                "line 9: numbers \"1\" must", "line 10: unknown setting foo"})
        QVERIFY2(settings.error().contains(QLatin1StringView(problem)), problem);
    QCOMPARE(settings.error().count(u'\n') + 1, 7);
    for (const char *other : {"business = 5\n", "business = [1]\n", "[business]\nname = \"a\"\n", "business = []\n"}) {
        const auto none = read(other);
        QVERIFY2(!none.ok(), other);
        QCOMPARE(none.error(), u"line 1: business must be written as [[business]]"_s);
    }
}

// What a business does not say, the gateway's settings say; the environment's too.
void TestBusinesses::inheritsTheGateways()
{
    const auto settings = read("[speech]\nvoice = \"cedar\"\ngreeting = \"Hello\"\ntools = "
                               "[\"end_call\"]\n[fallback]\ndial = \"+15559999999\"\n"
                               "language = \"en-GB\"\n"
                               + kShop + "greeting = \"Shalom\"\ntools = []\n" + "[[business]]\nname = \"bank\"\n"
                               + "numbers = [\"+15550000002\"]\nfallback_say = \"Closed\"\n");
    QVERIFY2(settings.ok(), settings ? "" : qPrintable(settings.error()));
    const BusinessPtr shop = settings->businesses.byName(u"shop"_s);
    const BusinessPtr bank = settings->businesses.byName(u"bank"_s);
    QCOMPARE(shop->speech.voice, u"cedar"_s);
    QCOMPARE(shop->speech.greeting, u"Shalom"_s);
    QCOMPARE(bank->speech.greeting, u"Hello"_s);
    QCOMPARE(bank->speech.tools, QStringList{u"end_call"_s});
    QVERIFY(shop->speech.tools.isEmpty()); // replaced, not added to
    QCOMPARE(shop->speech.turnDetection.silenceDurationMs, 500);
    QCOMPARE(shop->fallback.kind, Fallback::Kind::Dial);
    QCOMPARE(shop->fallback.value, u"+15559999999"_s);
    QCOMPARE(bank->fallback.kind, Fallback::Kind::Say);
    QCOMPARE(bank->fallback.value, u"Closed"_s);
    QCOMPARE(bank->fallback.language, u"en-GB"_s);
    QCOMPARE(shop->limits.calls, 0);
    QVERIFY(shop->webhookUrl.isEmpty() && shop->transferTo.isEmpty());
}

void TestBusinesses::webhookSecret()
{
    QFile file(m_dir->filePath(u"secret"_s));
    const QByteArray toml = kShop + "webhook_secret_file = \"" + file.fileName().toUtf8() + "\"\n";
    for (const QByteArray &bytes : {"whsec_abc=\n"_ba, "abc"_ba, ""_ba}) {
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(bytes);
        file.close();
        const auto settings = read(toml);
        QCOMPARE(settings.ok(), bytes.startsWith("whsec_"));
        if (settings.ok())
            QCOMPARE(settings->businesses.only()->webhookSecret, u"whsec_abc="_s);
        else
            QVERIFY2(settings.error().startsWith("line 4: webhook_secret_file "_L1)
                         && !settings.error().contains("abc"_L1),
                     qPrintable(settings.error()));
    }
}

void TestBusinesses::lookUps()
{
    const auto settings = read(kShop
                               + "[[business]]\nname = \"bank\"\nnumbers = [\"+15550000002\", \"sip:b@x.example\"]\n");
    QVERIFY(settings.ok());
    const BusinessBook &book = settings->businesses;
    const auto owner = [&](const QString &number) {
        const BusinessPtr business = book.byNumber(number);
        return business == nullptr ? u"nobody"_s : business->name;
    };
    QCOMPARE(owner(u"+15550000001"_s), u"shop"_s);
    QCOMPARE(owner(u"+1 (555) 000-0002"_s), u"bank"_s);
    QCOMPARE(owner(u"sip:b@x.example"_s), u"bank"_s);
    for (const QString &number : {u"+15550000003"_s, u"5550000001"_s, u"15550000001"_s, u"+1555000000"_s,
                                  u"+155500000011"_s, u"anonymous"_s, QString(), u"shop"_s, u"sip:a@x.example"_s})
        QCOMPARE(owner(number), u"nobody"_s);
    QCOMPARE(book.byName(u"bank"_s)->numbers.size(), 2);
    QCOMPARE(book.byName(u"Bank"_s), nullptr);
    QCOMPARE(book.byName(QString()), nullptr);
    QCOMPARE(book.only(), nullptr);
    QCOMPARE(book.all().size(), 2);
    QCOMPARE(BusinessBook().byNumber(u"+15550000001"_s), nullptr);
}

// One for all numbers, without a name.
void TestBusinesses::withoutAny()
{
    const auto settings = read("[speech]\nvoice = \"cedar\"\n");
    QVERIFY(settings.ok());
    const BusinessBook &book = settings->businesses;
    for (const QString &number : {u"+15550000001"_s, u"anonymous"_s, QString()})
        QCOMPARE(book.byNumber(number)->speech.voice, u"cedar"_s);
    QCOMPARE(book.only(), book.byName(QString()));
    QVERIFY(book.only()->name.isEmpty());
    QCOMPARE(book.byName(u"shop"_s), nullptr);
    QCOMPARE(book.all().size(), 1);
}

void TestBusinesses::numbers_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("number"); // empty: none
    const auto row = [](const QString &written, const QString &number) {
        QTest::addRow("%s", qPrintable(written)) << written << number;
    };
    row(u"+15551234567"_s, u"+15551234567"_s);
    row(u"+1 (555) 123-45.67"_s, u"+15551234567"_s);
    row(u"+972 3 123 4567"_s, u"+97231234567"_s);
    row(u" +15551234567\t"_s, u"+15551234567"_s);
    row(u"+1234567"_s, u"+1234567"_s);
    row(u"+123456789012345"_s, u"+123456789012345"_s);
    row(u"sip:desk@b.example:5060;transport=tls"_s, u"sip:desk@b.example:5060;transport=tls"_s);
    row(u"sips:+1555@b.example"_s, u"sips:+1555@b.example"_s);
    for (const char *none : {"",
                             "+",
                             "+123456",
                             "+1234567890123456",
                             "+0551234567",
                             "15551234567",
                             "0049301234567",
                             "+1555CALLNOW",
                             "++15551234567",
                             "+1+5551234567",
                             "anonymous",
                             "tel:+15551234567",
                             "sip:",
                             "sip:b.example",
                             "sip:@b.example",
                             "sip:a@",
                             "sip:a b@c",
                             "sip:a@b@c",
                             "sipx:a@b",
                             "<sip:a@b>",
                             "+1555123456\n7x"})
        row(QString::fromLatin1(none), QString());
    row(u"+١٥٥٥١٢٣٤٥٦٧"_s, QString()); // digits, and yet none of E.164
}

void TestBusinesses::numbers()
{
    QFETCH(QString, written);
    QFETCH(QString, number);
    QCOMPARE(takt::normalisedNumber(written), number);
    QCOMPARE(takt::normalisedNumber(number), number);
}

QTEST_GUILESS_MAIN(TestBusinesses)
#include "tst_businesses.moc"
