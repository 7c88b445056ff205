// SPDX-License-Identifier: GPL-3.0-or-later
// Forms, and the signature over them: published vectors, every spelling of a URL that is to be taken, and that nothing
// else is.
#include "carrier/signature.h"

#include <QCryptographicHash>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;

namespace {

const QByteArray kToken = "12345";
const QByteArray kOther = "67890";
const QByteArray kJson = R"({"property": "value", "boolean": true})";
const QByteArray kJsonHash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const QByteArray kPath = "/myapp.php?foo=1&bar=2";

Form call()
{
    return {{"Digits", "1234"},
            {"CallSid", "CA1234567890ABCDE"},
            {"Caller", "+14158675309"},
            {"To", "+18005551212"},
            {"From", "+14158675309"}};
}

SignatureCheck at(const char *url, const QList<QByteArray> &tokens = {kToken})
{
    return {QUrl(QString::fromLatin1(url)), tokens};
}

} // namespace

class TestSignature : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void vectors_data();
    void vectors();
    void repeatedNames();
    void webhookVariants_data();
    void webhookVariants();
    void upgradeVariants_data();
    void upgradeVariants();
    void upgradeWithAQuery();
    void prefixOfAProxy();
    void jsonBody();
    void jsonBodyCannotBeTakenAway();
    void rotation();
    void withoutTokensNothingIsRight();
    void mutatedIsRefused();
    void oddTargets();
    void constantTime();
    void forms_data();
    void forms();
    void formsRoundTrip();
    void formsHaveALimit();
};

void TestSignature::vectors_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<Form>("params");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *url, const Form &params, const char *expected) {
        QTest::addRow("%s %s", expected, url) << QByteArray(url) << params << QByteArray(expected);
    };
    row("https://mycompany.com/myapp.php?foo=1&bar=2", call(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    row("https://mycompany.com:443/myapp.php?foo=1&bar=2", call(), "kvajT1Ptam85bY51eRf/AJRuM3w=");
    row("http://mycompany.com:1234/myapp.php?foo=1&bar=2", call(), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=");
    Form docs = call();
    docs[2].value = docs[4].value = "+14158675310";
    row("https://example.com/myapp.php?foo=1&bar=2", docs, "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    row("wss://example.com/media-stream", {}, "XFfwGS2Ev7f9qAP9MmRoMS7C724=");
    row("wss://example.com/media-stream/", {}, "7J0iz81itFhCXVuZK8EmM4YZwLA=");
    row("wss://example.com:443/media-stream", {}, "55OA2CdDEK8djZDRLLS9pHUR+JI=");
    row("https://example.com/media-stream", {}, "+Nt/WUHH2g+0+t2rLN3k9fNhfEw=");
    row("https://example.com/x", {{"MediaUrl", "b"}, {"MediaUrl", "a"}, {"MediaUrl", "a"}},
        "mwcOY7Df/rUxyiv4+Kax3MuesBg=");
}

void TestSignature::vectors()
{
    QFETCH(QByteArray, url);
    QFETCH(Form, params);
    QTEST(sign(kToken, url, params), "expected");
}

void TestSignature::repeatedNames()
{
    const QByteArray url = "https://example.com/x";
    const QByteArray once = sign(kToken, url, {{"A", "1"}, {"A", "2"}, {"B", ""}});
    QCOMPARE(sign(kToken, url, {{"B", ""}, {"A", "2"}, {"A", "1"}, {"A", "2"}}), once);
    QVERIFY(sign(kToken, url, {{"A", "1"}, {"A", "2"}}) != once); // an empty value counts by its name
    // Upper case before lower case, and bytes above 127 last: not by a locale, not as signed characters.
    QCOMPARE(sign(kToken, url, {{"é", "4"}, {"b", "3"}, {"a", "2"}, {"B", "1"}}), sign(kToken, url + "B1a2b3é4", {}));
}

void TestSignature::webhookVariants_data()
{
    QTest::addColumn<QByteArray>("publicUrl");
    QTest::addColumn<QByteArray>("signedOrigin");
    QTest::addColumn<bool>("taken");
    const auto row = [](const char *publicUrl, const char *origin, bool taken) {
        QTest::addRow("%s %s %d", publicUrl, origin, taken) << QByteArray(publicUrl) << QByteArray(origin) << taken;
    };
    row("https://gw.example", "https://gw.example", true);
    row("https://gw.example", "https://gw.example:443", true);
    row("https://gw.example/", "https://gw.example", true);
    row("https://GW.example", "https://gw.example", true);
    row("https://gw.example:8443", "https://gw.example:8443", true);
    row("https://gw.example:8443", "https://gw.example", true);
    row("https://gw.example:8443", "https://gw.example:443", true);
    row("http://gw.example:8080", "http://gw.example:8080", true);
    row("http://gw.example", "http://gw.example:80", true);
    row("https://user:secret@gw.example", "https://gw.example", true);
    row("https://[::1]:8443", "https://[::1]:8443", true);
    row("https://gw.example", "http://gw.example", false);
    row("https://gw.example", "wss://gw.example", false);
    row("https://gw.example", "https://gw.example:80", false);
    row("https://gw.example", "https://gw.example:8443", false);
    row("https://gw.example", "https://other.example", false);
    row("https://gw.example", "https://gw.example.", false);
    row("http://gw.example", "https://gw.example", false);
    row("http://gw.example", "http://gw.example:443", false);
    row("", "https://gw.example", false);
    row("", "https://", false);
    row("https:///x", "https://", false);
}

void TestSignature::webhookVariants()
{
    QFETCH(QByteArray, publicUrl);
    QFETCH(QByteArray, signedOrigin);
    const SignatureCheck check = at(publicUrl.constData());
    QTEST(check.webhook(kPath, sign(kToken, signedOrigin + kPath, call()), call()), "taken");
}

void TestSignature::upgradeVariants_data()
{
    QTest::addColumn<QByteArray>("publicUrl");
    QTest::addColumn<QByteArray>("signedUrl");
    QTest::addColumn<bool>("taken");
    const auto row = [](const QByteArray &publicUrl, const QByteArray &url, bool taken) {
        QTest::addRow("%s %s %d", publicUrl.constData(), url.constData(), taken) << publicUrl << url << taken;
    };
    for (const char *slash : {"", "/"}) {
        for (const char *scheme : {"wss", "https"}) {
            for (const char *port : {"", ":443", ":80", ":8443"})
                row("https://gw.example:8443", QByteArray(scheme) + "://gw.example" + port + "/media/CA1.t" + slash,
                    true);
            row("https://gw.example", QByteArray(scheme) + "://gw.example:8443/media/CA1.t" + slash, false);
        }
        for (const char *scheme : {"ws", "http"}) {
            for (const char *port : {"", ":80", ":8443"})
                row("http://gw.example:8443", QByteArray(scheme) + "://gw.example" + port + "/media/CA1.t" + slash,
                    true);
            row("https://gw.example:8443", QByteArray(scheme) + "://gw.example/media/CA1.t" + slash, false);
        }
        row("http://gw.example", QByteArray("wss://gw.example/media/CA1.t") + slash, false);
    }
    row("https://gw.example", "wss://gw.example/media/CA1.t//", false);
    row("https://gw.example", "wss://gw.example/media/CA1", false);
    row("https://gw.example", "wss://gw.example/media", false);
}

void TestSignature::upgradeVariants()
{
    QFETCH(QByteArray, publicUrl);
    QFETCH(QByteArray, signedUrl);
    QTEST(at(publicUrl.constData()).upgrade("/media/CA1.t", sign(kToken, signedUrl, {})), "taken");
}

void TestSignature::upgradeWithAQuery()
{
    // The slash belongs to the path.
    const SignatureCheck check = at("https://gw.example");
    QVERIFY(check.upgrade("/m?a=1", sign(kToken, "wss://gw.example/m?a=1", {})));
    QVERIFY(check.upgrade("/m?a=1", sign(kToken, "wss://gw.example/m/?a=1", {})));
    QVERIFY(!check.upgrade("/m?a=1", sign(kToken, "wss://gw.example/m", {})));
    QVERIFY(!check.upgrade("/m?a=1", sign(kToken, "wss://gw.example/m?a=1", {{"a", "1"}})));
}

void TestSignature::prefixOfAProxy()
{
    const QByteArray signature = sign(kToken, "https://x.example/takt/twilio/voice?a=%2b", call());
    for (const char *url : {"https://x.example/takt", "https://x.example/takt/", "https://x.example/takt//?q#f"}) {
        QVERIFY(at(url).webhook("/twilio/voice?a=%2b", signature, call()));
        QVERIFY(at(url).webhook("/takt/twilio/voice?a=%2b", signature, call())); // the proxy left it
        QVERIFY(!at(url).webhook("/twilio/voice?a=%2B", signature, call()));     // byte for byte
        QVERIFY(!at(url).webhook("/twilio/voice?a=+", signature, call()));
    }
    QVERIFY(!at("https://x.example").webhook("/twilio/voice?a=%2b", signature, call()));
    // Without a prefix, or a target that merely begins like one.
    const QByteArray plain = sign(kToken, "https://x.example/taktics", {});
    QVERIFY(!at("https://x.example/takt").webhook("/taktics", plain, {}));
    QVERIFY(at("https://x.example").webhook("/taktics", plain, {}));
    QVERIFY(at("https://x.example/takt").upgrade("/m", sign(kToken, "wss://x.example/takt/m/", {})));
    QVERIFY(at("https://x.example/takt").upgrade("/takt/m", sign(kToken, "wss://x.example/takt/m", {})));
    QVERIFY(at("https://x.example/a%20b").webhook("/m", sign(kToken, "https://x.example/a%20b/m", {}), {}));
}

void TestSignature::jsonBody()
{
    QCOMPARE(QCryptographicHash::hash(kJson, QCryptographicHash::Sha256).toHex(), kJsonHash);
    const QByteArray target = kPath + "&bodySHA256=" + kJsonHash;
    const QByteArray signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
    const SignatureCheck check = at("https://mycompany.com");
    QVERIFY(check.webhook(target, signature, {}, kJson));
    QVERIFY(!check.webhook(target, signature, {}, kJson + ' '));
    QVERIFY(!check.webhook(target, signature, {}, "{}"));
    QVERIFY(!check.webhook(target, signature, call(), kJson));
    QVERIFY(!check.webhook(target, sign(kOther, "https://mycompany.com" + target, {}), {}, kJson));
    // A body without a hash, or with two, is bound by nothing.
    QVERIFY(!check.webhook(kPath, sign(kToken, "https://mycompany.com" + kPath, {}), {}, kJson));
    const QByteArray twice = target + "&bodySHA256=" + kJsonHash;
    QVERIFY(!check.webhook(twice, sign(kToken, "https://mycompany.com" + twice, {}), {}, kJson));
    const QByteArray wrong = kPath + "&bodySHA256=" + QByteArray(64, '0');
    QVERIFY(!check.webhook(wrong, sign(kToken, "https://mycompany.com" + wrong, {}), {}, kJson));
}

void TestSignature::jsonBodyCannotBeTakenAway()
{
    const QByteArray target = kPath + "&bodySHA256=" + kJsonHash;
    QVERIFY(!at("https://mycompany.com").webhook(target, "a9nBmqA0ju/hNViExpshrM61xv4=", {}));
    // A form whose URL happens to have such a field is covered by the signature itself.
    const QByteArray signature = sign(kToken, "https://mycompany.com" + target, call());
    QVERIFY(at("https://mycompany.com").webhook(target, signature, call()));
}

void TestSignature::rotation()
{
    const QByteArray byFirst = sign(kToken, "https://gw.example" + kPath, call());
    const QByteArray bySecond = sign(kOther, "https://gw.example" + kPath, call());
    QVERIFY(at("https://gw.example", {kToken, kOther}).webhook(kPath, byFirst, call()));
    QVERIFY(at("https://gw.example", {kToken, kOther}).webhook(kPath, bySecond, call()));
    QVERIFY(at("https://gw.example", {kOther}).webhook(kPath, bySecond, call()));
    QVERIFY(!at("https://gw.example", {kOther}).webhook(kPath, byFirst, call()));
    const SignatureCheck both = at("https://gw.example", {kToken, kOther});
    QVERIFY(both.upgrade("/m", sign(kToken, "wss://gw.example/m", {})));
    QVERIFY(both.upgrade("/m", sign(kOther, "wss://gw.example/m", {})));
    QVERIFY(!both.upgrade("/m", sign("third", "wss://gw.example/m", {})));
}

void TestSignature::withoutTokensNothingIsRight()
{
    const QByteArray byNobody = sign({}, "https://gw.example" + kPath, call());
    QVERIFY(!at("https://gw.example", {}).webhook(kPath, byNobody, call()));
    QVERIFY(!at("https://gw.example", {{}}).webhook(kPath, byNobody, call()));
    QVERIFY(!at("https://gw.example", {{}, kToken}).webhook(kPath, byNobody, call()));
    QVERIFY(!at("https://gw.example", {{}}).upgrade("/m", sign({}, "wss://gw.example/m", {})));
    for (const auto &signature : {QByteArray(), QByteArray(""), QByteArray("="), QByteArray(28, 'A')}) {
        QVERIFY(!at("https://gw.example", {}).webhook(kPath, signature, call()));
        QVERIFY(!at("https://gw.example").webhook(kPath, signature, call()));
        QVERIFY(!at("https://gw.example").upgrade(kPath, signature));
    }
}

void TestSignature::mutatedIsRefused()
{
    const SignatureCheck check = at("https://gw.example:8443/takt", {kToken, kOther});
    const QByteArray signature = sign(kToken, "https://gw.example:8443/takt" + kPath, call());
    const QByteArray stream = sign(kToken, "wss://gw.example/takt" + kPath, {});
    QVERIFY(check.webhook(kPath, signature, call()));
    QVERIFY(check.upgrade(kPath, stream));
    for (qsizetype i = 0; i < signature.size(); ++i) {
        QByteArray wrong = signature;
        wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
        QVERIFY(!check.webhook(kPath, wrong, call()));
        wrong = stream;
        wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
        QVERIFY(!check.upgrade(kPath, wrong));
    }
    QVERIFY(!check.webhook(kPath, signature + ' ', call()));
    QVERIFY(!check.webhook(kPath, signature.chopped(1), call()));
    QVERIFY(!check.webhook(kPath, signature.toLower(), call()));
    for (qsizetype i = 0; i < kPath.size(); ++i) {
        QByteArray wrong = kPath;
        wrong[i] = char(wrong[i] ^ 1);
        QVERIFY(!check.webhook(wrong, signature, call()));
        QVERIFY(!check.upgrade(wrong, stream));
    }
    for (qsizetype field = 0; field < call().size(); ++field) {
        for (qsizetype i = 0; i < call()[field].name.size(); ++i) {
            Form wrong = call();
            wrong[field].name[i] = char(wrong[field].name[i] ^ 1);
            QVERIFY(!check.webhook(kPath, signature, wrong));
        }
        for (qsizetype i = 0; i < call()[field].value.size(); ++i) {
            Form wrong = call();
            wrong[field].value[i] = char(wrong[field].value[i] ^ 1);
            QVERIFY(!check.webhook(kPath, signature, wrong));
        }
        Form wrong = call();
        wrong.removeAt(field);
        QVERIFY(!check.webhook(kPath, signature, wrong));
    }
    QVERIFY(!check.webhook(kPath, signature, call() + Form{{"New", ""}}));
    QVERIFY(!check.webhook(kPath, signature, {}));
}

void TestSignature::oddTargets()
{
    const SignatureCheck check = at("https://gw.example");
    for (const QByteArray &target : {QByteArray(), QByteArray("*"), QByteArray("gw.example:443"), QByteArray("?a=1"),
                                     QByteArray("https://gw.example/x")})
        QVERIFY(!check.webhook(target, sign(kToken, "https://gw.example" + target, {}), {}));
    for (const QByteArray &target :
         {QByteArray("/"), QByteArray("/?"), QByteArray("//x"), QByteArray("/%00\x80'\"?a=%zz&b=é")})
        QVERIFY(check.webhook(target, sign(kToken, "https://gw.example" + target, {}), {}));
    const QByteArray userInfo = ":80@evil.example/";
    QVERIFY(!check.webhook(userInfo, sign(kToken, "https://gw.example" + userInfo, {}), {}));
}

void TestSignature::constantTime()
{
    QVERIFY(constantTimeEqual("", ""));
    QVERIFY(constantTimeEqual("abc", "abc"));
    QVERIFY(!constantTimeEqual("abc", "abd"));
    QVERIFY(!constantTimeEqual("abc", "bbc"));
    QVERIFY(!constantTimeEqual("abc", "ab"));
    QVERIFY(!constantTimeEqual("\x80", QByteArrayView("\0", 1)));
    QVERIFY(!constantTimeEqual("ab", "ba")); // differences don't cancel each other
}

void TestSignature::forms_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("good");
    QTest::addColumn<Form>("form");
    QTest::newRow("empty") << QByteArray() << true << Form();
    QTest::newRow("usual") << QByteArray("From=%2B1415&Name=A+B%20c&Empty=&Bare") << true
                           << Form{{"From", "+1415"}, {"Name", "A B c"}, {"Empty", ""}, {"Bare", ""}};
    QTest::newRow("repeated, in order") << QByteArray("a=2&a=1&a=2") << true
                                        << Form{{"a", "2"}, {"a", "1"}, {"a", "2"}};
    QTest::newRow("more equals signs") << QByteArray("a=b=c&=d") << true << Form{{"a", "b=c"}, {"", "d"}};
    QTest::newRow("nothing between") << QByteArray("&&a=1&") << true << Form{{"a", "1"}};
    QTest::newRow("UTF-8") << QByteArray("n%C3%A9=%F0%9F%98%80\xC3\xA9") << true << Form{{"né", "😀é"}};
    QTest::newRow("zero byte") << QByteArray("a=%00b") << true << Form{{"a", QByteArray("\0b", 2)}};
    QTest::newRow("case of hex") << QByteArray("a=%2f%2F") << true << Form{{"a", "//"}};
    for (const char *body : {"a=%", "a=%4", "a=%4g", "a=%g4", "%=a", "a=%%41", "a=%-1", "a=%+1", "a=% 1"})
        QTest::addRow("broken escape %s", body) << QByteArray(body) << false << Form();
    for (const char *body : {"a=%ff", "a=%C3", "%C3=a", "a=%C3&b=%A9", "a=%ED%A0%80", "a=%C0%80", "a=\xff"})
        QTest::addRow("not UTF-8 %s", QByteArray(body).toPercentEncoding().constData())
            << QByteArray(body) << false << Form();
}

void TestSignature::forms()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, good);
    const auto form = parseForm(body);
    QCOMPARE(form.has_value(), good);
    if (good)
        QTEST(*form, "form");
}

void TestSignature::formsRoundTrip()
{
    Form form{{"To", "+1 415&=%"}, {"é", "😀\n"}, {"a", ""}, {"a", "~*'()"}};
    for (int c = 0; c < 128; ++c)
        form.append({"c", QByteArray(1, char(c))});
    const QByteArray body = encodeForm(form);
    for (const char c : body)
        QVERIFY2(c > ' ' && c < 127, body.constData());
    QCOMPARE(*parseForm(body), form);
    QCOMPARE(encodeForm({{"a", "b c"}, {"d", "+"}}), QByteArray("a=b%20c&d=%2B"));
    QCOMPARE(encodeForm({}), QByteArray());
    QCOMPARE(value(form, "a"), QString()); // the first of them
    QCOMPARE(value(form, "é"), u"😀\n"_s);
    QCOMPARE(value(form, "to"), QString());
    QVERIFY(value(form, "none").isEmpty());
}

void TestSignature::formsHaveALimit()
{
    QByteArray body;
    for (int i = 0; i < kMaxFormFields; ++i)
        body += "a=1&";
    QCOMPARE(parseForm(body)->size(), kMaxFormFields);
    QVERIFY(!parseForm(QByteArray(body + "a=1")));
}

QTEST_GUILESS_MAIN(TestSignature)
#include "tst_signature.moc"
