// SPDX-License-Identifier: GPL-3.0-or-later
// TwiML, byte for byte; and that hostile values stay values.
#include "carrier/twiml.h"

#include <QTest>
#include <QXmlStreamReader>

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;
using takt::config::Fallback;

namespace {

const QByteArray kHead = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";

ConnectStream plain()
{
    ConnectStream what;
    what.streamUrl = QUrl(u"wss://gw.example/media/CAxxx.token"_s);
    return what;
}

// Every attribute and text of a document, in order; empty when it is not well-formed.
QStringList valuesOf(const QByteArray &document)
{
    QStringList values;
    QXmlStreamReader xml(document);
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement()) {
            values += xml.name().toString();
            const QXmlStreamAttributes attributes = xml.attributes();
            for (const QXmlStreamAttribute &attribute : attributes)
                values += attribute.value().toString();
        } else if (xml.isCharacters()) {
            values += xml.text().toString();
        }
    }
    return xml.hasError() ? QStringList() : values;
}

} // namespace

class TestTwiml : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everything();
    void theLeast();
    void fallbacks_data();
    void fallbacks();
    void small();
    void dialling();
    void urlOfTheStream();
    void hostileValues_data();
    void hostileValues();
    void illegalCharactersAreDropped();
    void longParametersAreLeftOut();
};

void TestTwiml::everything()
{
    ConnectStream what = plain();
    what.connectAction = u"https://gw.example/twilio/after-stream?a=1&b=2"_s;
    what.streamStatusCallback = u"https://gw.example/twilio/stream-status"_s;
    what.parameters = {{u"line"_s, u"sales"_s}, {u"from"_s, u"+1 \"O'Neill\" <&>"_s}};
    what.recordingCallback = u"https://gw.example/twilio/recording"_s;
    what.fallback = {Fallback::Kind::Redirect, u"https://gw.example/twilio/fallback?x=1&y=2"_s, {}};
    const QByteArray expected =
        kHead
        + R"(<Start><Recording channels="dual" recordingStatusCallback="https://gw.example/twilio/recording" )"
          R"(recordingStatusCallbackEvent="in-progress completed absent"/></Start>)"
          R"(<Connect action="https://gw.example/twilio/after-stream?a=1&amp;b=2" method="POST">)"
          R"(<Stream url="wss://gw.example/media/CAxxx.token" )"
          R"(statusCallback="https://gw.example/twilio/stream-status" statusCallbackMethod="POST">)"
          R"(<Parameter name="line" value="sales"/>)"
          R"(<Parameter name="from" value="+1 &quot;O'Neill&quot; &lt;&amp;&gt;"/></Stream></Connect>)"
          R"(<Redirect method="POST">https://gw.example/twilio/fallback?x=1&amp;y=2</Redirect></Response>)";
    QCOMPARE(connectStream(what), expected);
}

void TestTwiml::theLeast()
{
    const QByteArray expected =
        kHead + R"(<Connect><Stream url="wss://gw.example/media/CAxxx.token"/></Connect><Hangup/></Response>)";
    QCOMPARE(connectStream(plain()), expected);
}

void TestTwiml::fallbacks_data()
{
    using Kind = Fallback::Kind;
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("language");
    QTest::addColumn<QByteArray>("verbs");
    const auto row = [](const char *name, Kind kind, const QString &value, const QString &language, const char *verbs) {
        QTest::newRow(name) << int(kind) << value << language << QByteArray(verbs);
    };
    row("say", Kind::Say, u"Sorry & goodbye."_s, {}, "<Say>Sorry &amp; goodbye.</Say>");
    row("say it in German", Kind::Say, u"Tschüß"_s, u"de-DE"_s, "<Say language=\"de-DE\">Tschüß</Say>");
    row("dial", Kind::Dial, u"+14155550100"_s, u"de-DE"_s, "<Dial><Number>+14155550100</Number></Dial>");
    row("dial SIP", Kind::Dial, u"sip:a@b.example"_s, {}, "<Dial><Sip>sip:a@b.example</Sip></Dial>");
    row("redirect", Kind::Redirect, u"https://o.example/?a&b"_s, {},
        "<Redirect method=\"POST\">https://o.example/?a&amp;b</Redirect>");
    row("nothing to say", Kind::Say, {}, u"de-DE"_s, "<Hangup/>");
    row("nobody to dial", Kind::Dial, {}, {}, "<Hangup/>");
    row("nowhere to go", Kind::Redirect, {}, {}, "<Hangup/>");
}

void TestTwiml::fallbacks()
{
    QFETCH(int, kind);
    QFETCH(QString, value);
    QFETCH(QString, language);
    QFETCH(QByteArray, verbs);
    const Fallback what{Fallback::Kind(kind), value, language};
    QCOMPARE(fallback(what), kHead + verbs + "</Response>");
    ConnectStream stream = plain();
    stream.fallback = what;
    QVERIFY(connectStream(stream).endsWith(QByteArray("</Connect>" + verbs + "</Response>")));
}

void TestTwiml::small()
{
    QCOMPARE(hangup(), kHead + "<Hangup/></Response>");
    QCOMPARE(empty(), kHead.chopped(1) + "/>");
}

void TestTwiml::dialling()
{
    QCOMPARE(dial(u"+14155550100"_s, u"+18005550111"_s),
             kHead + "<Dial callerId=\"+18005550111\"><Number>+14155550100</Number></Dial></Response>");
    QCOMPARE(dial(u"+14155550100"_s, {}), kHead + "<Dial><Number>+14155550100</Number></Dial></Response>");
    QCOMPARE(dial(u"SIP:a@b?x=1&y=2"_s, {}), kHead + "<Dial><Sip>SIP:a@b?x=1&amp;y=2</Sip></Dial></Response>");
    QCOMPARE(dial(u"sips:a@b"_s, {}), kHead + "<Dial><Sip>sips:a@b</Sip></Dial></Response>");
}

void TestTwiml::urlOfTheStream()
{
    ConnectStream what = plain();
    what.streamUrl = QUrl(u"wss://user:secret@gw.example:8443/takt/a%20b?token=x#f"_s);
    const QByteArray expected =
        kHead + R"(<Connect><Stream url="wss://gw.example:8443/takt/a%20b"/></Connect><Hangup/></Response>)";
    QCOMPARE(connectStream(what), expected);
}

void TestTwiml::hostileValues_data()
{
    QTest::addColumn<QString>("value");
    QTest::newRow("closing") << u"\"/></Stream></Connect><Dial>+1900</Dial><!--"_s;
    QTest::newRow("apostrophe") << u"' onload='x"_s;
    QTest::newRow("CDATA") << u"]]><![CDATA[<Hangup/>"_s;
    QTest::newRow("entity") << u"&lt;&#38;&evil;"_s;
    QTest::newRow("processing") << u"<?xml version=\"1.1\"?><!DOCTYPE x>"_s;
    QTest::newRow("white space") << u" a\tb\nc\r\nd\re "_s;
    QTest::newRow("every plane") << u"é中😀\u00a0\u0085\u2028\ufffd\U0010fffd"_s;
}

void TestTwiml::hostileValues()
{
    QFETCH(QString, value);
    ConnectStream what = plain();
    what.connectAction = value;
    what.streamStatusCallback = value;
    what.recordingCallback = value;
    what.parameters = {{value, value}};
    QCOMPARE(valuesOf(connectStream(what)),
             (QStringList{u"Response"_s, u"Start"_s, u"Recording"_s, u"dual"_s, value,
                          u"in-progress completed absent"_s, u"Connect"_s, value, u"POST"_s, u"Stream"_s,
                          what.streamUrl.toString(), value, u"POST"_s, u"Parameter"_s, value, value, u"Hangup"_s}));
    // Line ends in text are one to XML.
    QString text = value;
    text.replace(u"\r\n"_s, u"\n"_s).replace(u'\r', u'\n');
    QCOMPARE(valuesOf(fallback({Fallback::Kind::Say, value, value})),
             (QStringList{u"Response"_s, u"Say"_s, value, text}));
    QCOMPARE(valuesOf(dial(value, value)), (QStringList{u"Response"_s, u"Dial"_s, value, u"Number"_s, text}));
}

void TestTwiml::illegalCharactersAreDropped()
{
    QString value = u"a"_s;
    for (ushort c = 0; c < 0x20; ++c) {
        if (c != '\t' && c != '\n' && c != '\r')
            value += QChar(c);
    }
    value += QChar(0xD800); // half a character each
    value += u'b';
    value += QChar(0xDC00);
    value += QChar(0xFFFE);
    value += QChar(0xFFFF);
    value += u"c\xD83D"_s;
    ConnectStream what = plain();
    what.connectAction = what.streamStatusCallback = value;
    what.recordingCallback = value;
    what.parameters = {{value, value}, {QString(QChar(1)), u"without a name"_s}};
    what.fallback = {Fallback::Kind::Say, value, value};
    const QStringList values = valuesOf(connectStream(what));
    QCOMPARE(values.count(u"abc"_s), 7);
    QCOMPARE(values.count(u"Parameter"_s), 1);
    QCOMPARE(valuesOf(dial(value, value)).count(u"abc"_s), 2);
    QVERIFY(valuesOf(connectStream(what)).contains(u"Stream"_s));
}

void TestTwiml::longParametersAreLeftOut()
{
    ConnectStream what = plain();
    what.parameters = {{u"just"_s, QString(495, u'x')},
                       {u"over"_s, QString(496, u'y')},
                       {QString(), u"nameless"_s},
                       {u"empty"_s, QString()},
                       {u"escaped"_s, QString(400, u'&')}};
    const QStringList values = valuesOf(connectStream(what));
    QVERIFY(values.contains(u"just"_s) && values.contains(QString(495, u'x')));
    QVERIFY(!values.contains(u"over"_s) && !values.contains(u"nameless"_s));
    QVERIFY(values.contains(u"empty"_s));
    QVERIFY(values.contains(QString(400, u'&')));
    QCOMPARE(values.count(u"Parameter"_s), 3);
}

QTEST_GUILESS_MAIN(TestTwiml)
#include "tst_twiml.moc"
