// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of Twilio Media Streams: the documented messages, field by field, and what we say. What else may arrive:
// tst_twiliocodec_rainy.
#include "carrier/twiliocodec.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace takt::carrier;
using namespace Qt::Literals::StringLiterals;

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

QByteArray media(const QByteArray &payload, const QByteArray &timestamp = R"("102")")
{
    return R"({"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":)" + timestamp
           + R"(,"payload":)" + payload + R"(},"streamSid":")" + kStreamSid + R"("})";
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

QJsonObject parsed(const QByteArray &text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    return error.error == QJsonParseError::NoError ? document.object() : QJsonObject();
}

} // namespace

class TestTwilioCodec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void startAsDocumented();
    void mediaAsDocumented();
    void dtmfAsDocumented_data();
    void dtmfAsDocumented();
    void markAndStopAsDocumented();
    void formats_data();
    void formats();
    void callerNumbers_data();
    void callerNumbers();
    void payloads_data();
    void payloads();
    void timestamps_data();
    void timestamps();
    void encodesMedia_data();
    void encodesMedia();
    void encodesMarkAndClear();
    void sids_data();
    void sids();
};

void TestTwilioCodec::startAsDocumented()
{
    TwilioCodec codec;
    const Message message = codec.parse(start());
    const auto *s = std::get_if<StreamStart>(&message);
    QVERIFY(s);
    QCOMPARE(s->accountSid.toLatin1(), kAccountSid);
    QCOMPARE(s->callSid.toLatin1(), kCallSid);
    QCOMPARE(s->streamSid.toLatin1(), kStreamSid);
    QCOMPARE(s->from, u"+15551234567"_s);
    QCOMPARE(s->to, u"+15557654321"_s);
    QCOMPARE(s->encoding, u"audio/x-mulaw"_s);
    QCOMPARE(s->sampleRate, 8000);
    QCOMPARE(s->channels, 1);
    QVERIFY(s->isMuLaw8k());
}

void TestTwilioCodec::mediaAsDocumented()
{
    QByteArray audio(160, Qt::Uninitialized);
    for (int i = 0; i < 160; ++i)
        audio[i] = char(i * 37 + 1);
    TwilioCodec codec;
    const Message message = codec.parse(media(quoted(audio.toBase64())));
    const auto *m = std::get_if<Media>(&message);
    QVERIFY(m);
    QCOMPARE(m->audio, audio);
    QCOMPARE(m->timestampMs, 102);
    QCOMPARE(m->streamSid, kStreamSid);
}

void TestTwilioCodec::dtmfAsDocumented_data()
{
    QTest::addColumn<QByteArray>("digit");
    QTest::addColumn<bool>("ok");
    for (const char c : QByteArrayView("0123456789*#ABCD"))
        QTest::addRow("happy: %c", c) << quoted(QByteArray(1, c)) << true;
    for (const char *text :
         {"\"\"", "\"12\"", "\"x\"", "\" \"", "\"\\u0000\"", "\"\\u0665\"", "5", "null", "[\"1\"]", "{}"})
        QTest::addRow("rainy: %s", text) << QByteArray(text) << false;
}

void TestTwilioCodec::dtmfAsDocumented()
{
    QFETCH(QByteArray, digit);
    QFETCH(bool, ok);
    TwilioCodec codec;
    const Message message = codec.parse(R"({"event":"dtmf","streamSid":")" + kStreamSid
                                        + R"(","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":)" + digit
                                        + "}}");
    QCOMPARE(kind(message), ok ? "dtmf" : "malformed");
    if (!ok)
        return;
    QCOMPARE(std::get<Dtmf>(message).digit, QChar::fromLatin1(digit[1]));
    QCOMPARE(std::get<Dtmf>(message).streamSid, kStreamSid);
}

void TestTwilioCodec::markAndStopAsDocumented()
{
    TwilioCodec codec;
    const Message mark = codec.parse(R"({"event":"mark","sequenceNumber":"4","streamSid":")" + kStreamSid
                                     + R"(","mark":{"name":"g1:2:1020"}})");
    QCOMPARE(kind(mark), "mark");
    QCOMPARE(std::get<Mark>(mark).name, QByteArray("g1:2:1020"));
    QCOMPARE(std::get<Mark>(mark).streamSid, kStreamSid);
    const Message stop = codec.parse(R"({"event":"stop","sequenceNumber":"5","stop":{"accountSid":")" + kAccountSid
                                     + R"(","callSid":")" + kCallSid + R"("},"streamSid":")" + kStreamSid + R"("})");
    QCOMPARE(kind(stop), "stop");
    QCOMPARE(std::get<Stop>(stop).streamSid, kStreamSid);
}

void TestTwilioCodec::formats_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<QByteArray>("with");
    QTest::addColumn<bool>("ours");
    QTest::newRow("happy: documented") << QByteArray("8000") << QByteArray("8000") << true;
    for (const char *rate : {"\"8000\"", "16000", "8000.5", "0", "-8000", "99999999999999", "null"})
        QTest::addRow("rainy: rate %s", rate) << QByteArray("8000") << QByteArray(rate) << false;
    for (const char *channels : {"2", "0", "\"1\"", "true"})
        QTest::addRow("rainy: channels %s", channels)
            << QByteArray("\"channels\":1") << QByteArray("\"channels\":") + channels << false;
    for (const char *encoding : {"audio/x-alaw", "audio/l16", "AUDIO/X-MULAW", ""})
        QTest::addRow("rainy: encoding %s", encoding) << QByteArray("audio/x-mulaw") << QByteArray(encoding) << false;
}

void TestTwilioCodec::formats()
{
    QFETCH(QByteArray, what);
    QFETCH(QByteArray, with);
    QFETCH(bool, ours);
    TwilioCodec codec;
    const Message message = codec.parse(start(what, with));
    QCOMPARE(kind(message), "start");
    QCOMPARE(std::get<StreamStart>(message).isMuLaw8k(), ours);
}

void TestTwilioCodec::callerNumbers_data()
{
    QTest::addColumn<QByteArray>("parameters");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("happy: lower case") << QByteArray(R"({"from":"+1","to":"+2"})") << u"+1"_s << u"+2"_s;
    QTest::newRow("happy: as Twilio spells it") << QByteArray(R"({"From":"+1","To":"+2"})") << u"+1"_s << u"+2"_s;
    QTest::newRow("happy: none") << QByteArray("{}") << QString() << QString();
    QTest::newRow("rainy: numbers") << QByteArray(R"({"from":15551234567,"to":null})") << QString() << QString();
    QTest::newRow("rainy: no object") << QByteArray("[]") << QString() << QString();
}

void TestTwilioCodec::callerNumbers()
{
    QFETCH(QByteArray, parameters);
    QFETCH(QString, from);
    QFETCH(QString, to);
    TwilioCodec codec;
    const Message message = codec.parse(
        start(R"({"from":"+15551234567","to":"+15557654321","line":"sales"})", parameters));
    QCOMPARE(kind(message), "start");
    QCOMPARE(std::get<StreamStart>(message).from, from);
    QCOMPARE(std::get<StreamStart>(message).to, to);
}

void TestTwilioCodec::payloads_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QByteArray>("kind");
    for (const char *text :
         {"/w==", "//8=", "////", "\\/\\/\\/\\/", "//8"}) // the last: unambiguous without its padding
        QTest::addRow("happy: \"%s\"", text) << quoted(text) << QByteArray("media");
    QTest::newRow("happy: 4000 bytes") << quoted(QByteArray(4000, 'x').toBase64()) << QByteArray("media");
    for (const char *text :
         {"", "=", "==", "====", "/", "/w=", "/w===", "/w==/w==", "/w==x", "__--", "////-", "///\\n/", "//// ", " ////",
          "//,/", "//8\\u0000", "\\u00ff///", "/=w=", "data:audio/x-mulaw;base64,////"})
        QTest::addRow("rainy: \"%s\"", text) << quoted(text) << QByteArray("base64");
    for (const char *text : {"5", "null", "[]", "{}", "true"})
        QTest::addRow("rainy: %s", text) << QByteArray(text) << QByteArray("malformed");
}

void TestTwilioCodec::payloads()
{
    QFETCH(QByteArray, payload);
    QFETCH(QByteArray, kind);
    TwilioCodec codec;
    const Message message = codec.parse(media(payload));
    QCOMPARE(QByteArray(::kind(message)), kind);
    if (kind == "media") {
        QByteArray bare = payload.sliced(1, payload.size() - 2);
        QCOMPARE(std::get<Media>(message).audio, QByteArray::fromBase64(bare.replace("\\", "")));
    }
}

void TestTwilioCodec::timestamps_data()
{
    QTest::addColumn<QByteArray>("timestamp");
    QTest::addColumn<qint64>("ms"); // -1: malformed
    QTest::newRow("happy: 0") << QByteArray(R"("0")") << qint64(0);
    QTest::newRow("happy: documented") << QByteArray(R"("102")") << qint64(102);
    QTest::newRow("happy: a day") << QByteArray(R"("86400000")") << qint64(86'400'000);
    for (const char *text :
         {"102", "-1", "\"-1\"", "\"+1\"", "\"\"", "\" 1\"", "\"1 \"", "\"1.5\"", "\"1e3\"", "\"0x10\"", "\"1,000\"",
          "null", "{}", "\"\\u0661\"", "\"9223372036854775808\"", "\"99999999999999999999999\""})
        QTest::addRow("rainy: %s", text) << QByteArray(text) << qint64(-1);
}

void TestTwilioCodec::timestamps()
{
    QFETCH(QByteArray, timestamp);
    QFETCH(qint64, ms);
    TwilioCodec codec;
    const Message message = codec.parse(media(R"("/w==")", timestamp));
    QCOMPARE(kind(message), ms >= 0 ? "media" : "malformed");
    if (ms >= 0)
        QCOMPARE(std::get<Media>(message).timestampMs, ms);
}

void TestTwilioCodec::encodesMedia_data()
{
    QTest::addColumn<int>("bytes");
    for (const int bytes : {1, 2, 3, 159, 160, 161})
        QTest::addRow("%d bytes", bytes) << bytes;
}

void TestTwilioCodec::encodesMedia()
{
    QFETCH(int, bytes);
    QByteArray audio;
    for (int i = 0; i < bytes; ++i)
        audio += char(255 - i);
    const QJsonObject json = parsed(TwilioEncoder(QString::fromLatin1(kStreamSid)).media(audio));
    QCOMPARE(json.keys(), (QStringList{u"event"_s, u"media"_s, u"streamSid"_s}));
    QCOMPARE(json["event"_L1].toString(), u"media"_s);
    QCOMPARE(json["streamSid"_L1].toString().toLatin1(), kStreamSid);
    QCOMPARE(json["media"_L1].toObject().keys(), QStringList{u"payload"_s});
    QCOMPARE(json["media"_L1]["payload"_L1].toString().toLatin1(), audio.toBase64());
}

void TestTwilioCodec::encodesMarkAndClear()
{
    const QString sid = QString::fromLatin1(kStreamSid);
    const QJsonObject name{{u"name"_s, u"g3:7:1480"_s}};
    QCOMPARE(parsed(TwilioEncoder(sid).mark("g3:7:1480")),
             (QJsonObject{{u"event"_s, u"mark"_s}, {u"streamSid"_s, sid}, {u"mark"_s, name}}));
    QCOMPARE(parsed(TwilioEncoder(sid).clear()), (QJsonObject{{u"event"_s, u"clear"_s}, {u"streamSid"_s, sid}}));
}

void TestTwilioCodec::sids_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("ok");
    const QString hex = QString::fromLatin1(kStreamSid).sliced(2);
    QTest::newRow("happy") << u"MZ"_s + hex << true;
    QTest::newRow("rainy: empty") << QString() << false;
    QTest::newRow("rainy: another prefix") << u"CA"_s + hex << false;
    QTest::newRow("rainy: a digit short") << u"MZ"_s + hex.chopped(1) << false;
    QTest::newRow("rainy: a digit long") << u"MZ"_s + hex + u'0' << false;
    QTest::newRow("rainy: g") << u"MZ"_s + hex.chopped(1) + u'g' << false;
    QTest::newRow("rainy: a line break") << u"MZ"_s + hex.chopped(1) + u'\n' << false;
    QTest::newRow("rainy: a full-width digit") << u"MZ"_s + hex.chopped(1) + QChar(0xFF11) << false;
}

void TestTwilioCodec::sids()
{
    QFETCH(QString, text);
    QFETCH(bool, ok);
    QCOMPARE(isSid(text, "MZ"_L1), ok);
}

QTEST_APPLESS_MAIN(TestTwilioCodec)
#include "tst_twiliocodec.moc"
