// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of Twilio Media Streams on a rainy day: what is no message, and messages with parts missing or wrong.
#include "carrier/twiliocodec.h"

#include <QJsonDocument>
#include <QTest>

using namespace takt::carrier;

namespace {

const QByteArray kStreamSid = "MZ0123456789abcdef0123456789ABCDEF";
const QByteArray kCallSid = "CA0123456789abcdef0123456789abcdef";
const QByteArray kAccountSid = "AC0123456789abcdef0123456789abcdef";

// A start as documented; each of the parts may be replaced.
QByteArray start(const QByteArray &what = {}, const QByteArray &with = {})
{
    QByteArray text =
        R"({"event":"start","sequenceNumber":"1","start":{"accountSid":")" + kAccountSid + R"(","streamSid":")"
        + kStreamSid + R"(","callSid":")" + kCallSid
        + R"(","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
          R"("customParameters":{"from":"+15551234567","to":"+15557654321","line":"sales"}},"streamSid":")"
        + kStreamSid + R"("})";
    if (what.isEmpty())
        return text;
    Q_ASSERT(text.contains(what));
    return text.replace(what, with);
}

QByteArray quoted(const QByteArray &text)
{
    return '"' + text + '"';
}

const char *kind(const Message &message)
{
    constexpr const char *kNames[] = {"connected", "start",   "media",  "dtmf",     "mark",
                                      "stop",      "unknown", "base64", "malformed"};
    static_assert(std::variant_size_v<Message> == std::size(kNames));
    return kNames[message.index()];
}

} // namespace

class TestTwilioCodecRainy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void kinds_data();
    void kinds();
    void missingParts_data();
    void missingParts();
    void accountSidIsASidOrNothing();
    void theParserSurvivesRubbish();
};

void TestTwilioCodecRainy::kinds_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("kind");
    const QByteArray sid = R"("streamSid":")" + kStreamSid + '"';
    const auto row = [](const char *name, const QByteArray &text, const char *kind) {
        QTest::newRow(name) << text << QByteArray(kind);
    };
    // happy
    row("connected", R"({"event":"connected","protocol":"Call","version":"1.0.0"})", "connected");
    row("unknown keys everywhere",
        start(R"("sequenceNumber":"1")", R"("x":{"y":[1,2,{"z":null}]},"sequenceNumber":"1")"), "start");
    row("other order, white space", " {\n\t" + sid + " ,\r\n\"event\" : \"stop\" }  ", "stop");
    row("escapes", R"({"\u0065vent":"st\u006fp",)" + sid + "}", "stop");
    // happy: forward compatible
    row("an unknown event", R"({"event":"transcription","text":"hi"})", "unknown");
    row("an event in capitals is another event", R"({"event":"MEDIA"})", "unknown");
    // rainy: no JSON object
    for (const char *text :
         {"", " ", "null", "true", "42", "\"stop\"", "[]", "[{\"event\":\"stop\"}]", "{", "}", "{\"event\":\"stop\"",
          "{\"event\":\"stop\"}x", "{\"event\":\"stop\"}{}", "{event:\"stop\"}", "{'event':'stop'}",
          "{\"event\":\"stop\",}", "{\"event\":\"st\nop\"}", "{\"event\":\"stop\" \"a\":1}", "\x80\x81\xFF"})
        row(QByteArray("broken: ").append(text).toPercentEncoding().constData(), text, "malformed");
    row("a zero byte", QByteArray("{\"event\":\"stop\"}\0", 17), "malformed");
    row("invalid UTF-8 in a value", "{\"event\":\"stop\",\"x\":\"\xC3\x28\"}", "malformed");
    row("invalid UTF-8: surrogates", "{\"event\":\"stop\",\"x\":\"\xED\xA0\x80\"}", "malformed");
    row("half an escape", R"({"event":"stop","x":"\ud800"})", "malformed");
    row("nested deeper than the parser goes", QByteArray(30'000, '[') + QByteArray(30'000, ']'), "malformed");
    row("nested deeply within", R"({"event":"stop","x":)" + QByteArray(30'000, '[') + QByteArray(30'000, ']') + "}",
        "malformed");
    row("a number beyond all numbers", R"({"event":"stop","x":1e99999})", "malformed");
}

void TestTwilioCodecRainy::kinds()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, kind);
    TwilioCodec codec;
    const Message message = codec.parse(text);
    QCOMPARE(QByteArray(::kind(message)), kind);
    if (const auto *malformed = std::get_if<Malformed>(&message))
        QVERIFY(!malformed->why.isEmpty());
}

void TestTwilioCodecRainy::missingParts_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray sid = R"("streamSid":")" + kStreamSid + '"';
    const auto row = [](const char *name, const QByteArray &text) { QTest::newRow(name) << text; };
    // rainy: no event
    for (const char *event :
         {"{}", "{\"event\":\"\"}", "{\"event\":5}", "{\"event\":null}", "{\"event\":{}}", "{\"Event\":\"stop\"}"})
        row(event, event);
    // rainy: parts missing or of another type
    row("start without start", R"({"event":"start",)" + sid + "}");
    row("start is a string", R"({"event":"start","start":"x",)" + sid + "}");
    row("start without format", start("mediaFormat", "mediaform"));
    row("start without callSid", start("callSid", "callsid"));
    row("callSid is a number", start(quoted(kCallSid), "5"));
    row("callSid too short", start(kCallSid, kCallSid.chopped(1)));
    row("callSid of another kind", start(kCallSid, kStreamSid));
    row("callSid with a quote", start(kCallSid, kCallSid.chopped(2) + "\\\""));
    row("streamSid too long", start(kStreamSid, kStreamSid + '0'));
    row("streamSid only inside", start(R"(},"streamSid")", R"(},"x")"));
    row("two different streamSids", start(R"(},"streamSid":"MZ0)", R"(},"streamSid":"MZ1)"));
    row("media without media", R"({"event":"media",)" + sid + "}");
    row("media is a list", R"({"event":"media","media":[],)" + sid + "}");
    row("media without payload", R"({"event":"media","media":{"timestamp":"1"},)" + sid + "}");
    row("media without timestamp", R"({"event":"media","media":{"payload":"/w=="},)" + sid + "}");
    row("dtmf without dtmf", R"({"event":"dtmf",)" + sid + "}");
    row("mark without mark", R"({"event":"mark",)" + sid + "}");
    row("mark is a string", R"({"event":"mark","mark":"g1:1:20",)" + sid + "}");
}

void TestTwilioCodecRainy::missingParts()
{
    QFETCH(QByteArray, text);
    QVERIFY(QJsonDocument::fromJson(text).isObject()); // it is the content that is wrong
    TwilioCodec codec;
    QCOMPARE(kind(codec.parse(text)), "malformed");
}

// What is no SID never becomes part of a row: the account's goes into the database as the call's does.
void TestTwilioCodecRainy::accountSidIsASidOrNothing()
{
    for (const QByteArray &bad : {QByteArray("' OR 1=1"), kAccountSid.chopped(1), kCallSid, QByteArray(2000, 'A')}) {
        TwilioCodec codec;
        const Message message = codec.parse(start(kAccountSid, bad));
        const auto *s = std::get_if<StreamStart>(&message);
        QVERIFY2(s == nullptr || s->accountSid.isEmpty(), bad.left(40).constData());
    }
}

void TestTwilioCodecRainy::theParserSurvivesRubbish()
{
    TwilioCodec codec;
    const QByteArray good = start();
    for (qsizetype cut = 0; cut < good.size(); ++cut) // every prefix
        QCOMPARE(kind(codec.parse(good.first(cut))), "malformed");
    for (qsizetype at = 0; at < good.size(); ++at) { // every byte broken once
        QByteArray bad = good;
        bad[at] = char(0xFF);
        QCOMPARE(kind(codec.parse(bad)), "malformed");
    }
    QCOMPARE(kind(codec.parse(good)), "start");
}

QTEST_APPLESS_MAIN(TestTwilioCodecRainy)
#include "tst_twiliocodec_rainy.moc"
