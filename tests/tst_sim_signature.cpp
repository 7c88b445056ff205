// SPDX-License-Identifier: GPL-3.0-or-later
// The simulator's own signatures against known answers, and the forms that they are over.
#include "sim/phone/form.h"
#include "sim/phone/signature.h"
#include "sim/wire/url.h"

#include <QTest>

using namespace takt::sim;

namespace {

const Params kDigits{{"CallSid", "CA1234567890ABCDE"},
                     {"Caller", "+14158675309"},
                     {"Digits", "1234"},
                     {"From", "+14158675309"},
                     {"To", "+18005551212"}};

} // namespace

class TestSimSignature : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void vectors_data();
    void vectors();
    void everyByteCounts();
    void theUrlThatIsSigned_data();
    void theUrlThatIsSigned();
    void bodyHash();
    void formsSurviveTheWay();
    void formsAreRead();
    void references_data();
    void references();
    void badUrls();
};

void TestSimSignature::vectors_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<int>("params");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *url, int params, const char *expected) {
        QTest::newRow(url) << QString::fromLatin1(url) << params << QString::fromLatin1(expected);
    };
    row("https://mycompany.com/myapp.php?foo=1&bar=2", 1, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    row("https://mycompany.com:443/myapp.php?foo=1&bar=2", 1, "kvajT1Ptam85bY51eRf/AJRuM3w=");
    row("http://mycompany.com:1234/myapp.php?foo=1&bar=2", 1, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=");
    row("https://example.com/myapp.php?foo=1&bar=2", 2, "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    row("wss://example.com/media-stream", 0, "XFfwGS2Ev7f9qAP9MmRoMS7C724=");
    row("wss://example.com/media-stream/", 0, "7J0iz81itFhCXVuZK8EmM4YZwLA=");
    row("wss://example.com:443/media-stream", 0, "55OA2CdDEK8djZDRLLS9pHUR+JI=");
    row("https://example.com/media-stream", 0, "+Nt/WUHH2g+0+t2rLN3k9fNhfEw=");
    row("https://example.com/x", 3, "mwcOY7Df/rUxyiv4+Kax3MuesBg=");
}

void TestSimSignature::vectors()
{
    QFETCH(QString, url);
    QFETCH(int, params);
    QFETCH(QString, expected);
    const Params documented{{"CallSid", "CA1234567890ABCDE"},
                            {"Caller", "+14158675310"},
                            {"Digits", "1234"},
                            {"From", "+14158675310"},
                            {"To", "+18005551212"}};
    const Params repeated{{"MediaUrl", "b"}, {"MediaUrl", "a"}, {"MediaUrl", "a"}};
    const std::vector<Params> all{{}, kDigits, documented, repeated};
    QCOMPARE(QString::fromStdString(signatureOf("12345", url.toStdString(), all.at(std::size_t(params)))), expected);
}

void TestSimSignature::everyByteCounts()
{
    const std::string url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const std::string right = signatureOf("12345", url, kDigits);
    QVERIFY(signatureOf("12346", url, kDigits) != right);
    QVERIFY(signatureOf("12345", url + "/", kDigits) != right);
    Params changed = kDigits;
    changed[2].second = " 1234";
    QVERIFY(signatureOf("12345", url, changed) != right);
    changed = kDigits;
    changed.emplace_back("AddedLater", "");
    QVERIFY(signatureOf("12345", url, changed) != right);
    changed = kDigits;
    std::swap(changed[0], changed[4]); // the order of sending does not matter
    QCOMPARE(signatureOf("12345", url, changed), right);
}

void TestSimSignature::theUrlThatIsSigned_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *url, const char *expected) {
        QTest::newRow(url) << QString::fromLatin1(url) << QString::fromLatin1(expected);
    };
    row("https://gw.example:8443/a?b=%20c", "https://gw.example/a?b=%20c");
    row("http://gw.example:8080/a", "http://gw.example:8080/a");
    row("https://user:secret@gw.example/a#rc=2", "https://gw.example/a");
    row("https://gw.example/a?b", "https://gw.example/a?b");
}

void TestSimSignature::theUrlThatIsSigned()
{
    QFETCH(QString, url);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(signedUrl(url.toStdString())), expected);
}

void TestSimSignature::bodyHash()
{
    const std::string hash = sha256Hex(R"({"property": "value", "boolean": true})");
    QCOMPARE(hash, std::string("0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"));
    const std::string url = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=" + hash;
    QCOMPARE(signatureOf("12345", url), std::string("a9nBmqA0ju/hNViExpshrM61xv4="));
}

void TestSimSignature::formsSurviveTheWay()
{
    const Params params{{"From", "+972501234567"}, {"Empty", ""}, {"Words", "a b&c=d%/é\n"}, {"From", "twice"}};
    QCOMPARE(fromForm(toForm(params)), params);
    QCOMPARE(toForm({{"To", "+1 a"}}), std::string("To=%2B1+a"));
}

void TestSimSignature::formsAreRead()
{
    const Params params = fromForm("a=1&&b&c=%4&d=%zz&a=2");
    QCOMPARE(params, (Params{{"a", "1"}, {"b", ""}, {"c", "%4"}, {"d", "%zz"}, {"a", "2"}}));
    QCOMPARE(valueOf(params, "a"), std::string("1"));
    QCOMPARE(valuesOf(params, "a"), (std::vector<std::string>{"1", "2"}));
    QVERIFY(has(params, "b"));
    QVERIFY(!has(params, "e"));
}

void TestSimSignature::references_data()
{
    QTest::addColumn<QString>("reference");
    QTest::addColumn<QString>("expected");
    QTest::newRow("absolute") << "http://other/x"
                              << "http://other/x";
    QTest::newRow("path") << "/x?y"
                          << "https://gw.example:8443/x?y";
    QTest::newRow("relative") << "next"
                              << "https://gw.example:8443/twilio/next";
    QTest::newRow("query") << "?n=2"
                           << "https://gw.example:8443/twilio/voice?n=2";
    QTest::newRow("empty") << ""
                           << "https://gw.example:8443/twilio/voice?n=1";
}

void TestSimSignature::references()
{
    QFETCH(QString, reference);
    QFETCH(QString, expected);
    const auto base = Url::parse("https://gw.example:8443/twilio/voice?n=1");
    QVERIFY(base.has_value());
    const auto url = base->resolved(reference.toStdString());
    QVERIFY(url.has_value());
    QCOMPARE(QString::fromStdString(url->text()), expected);
}

void TestSimSignature::badUrls()
{
    for (const char *text :
         {"", "gw.example/x", "://x", "https://", "https://a b/", "https://a:99999/", "https://a:x/"})
        QVERIFY2(!Url::parse(text), text);
}

QTEST_GUILESS_MAIN(TestSimSignature)
#include "tst_sim_signature.moc"
