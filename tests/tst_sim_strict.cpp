// SPDX-License-Identifier: GPL-3.0-or-later
// What the carrier accepts and what it rejects, and that its own messages have the documented shapes.
#include "sim/carrier/streamwriter.h"
#include "sim/carrier/strict.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <vector>

using namespace takt::sim;
using namespace std::string_literals;

class TestSimStrict : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accepted();
    void rejected_data();
    void rejected();
    void ownMessages();
};

void TestSimStrict::accepted()
{
    StrictReader reader;
    const auto media = reader.read(R"({"event":"media","streamSid":"MZ1","media":{"payload":"Zm9v"}})", "MZ1");
    QVERIFY(std::holds_alternative<MediaMessage>(media));
    QCOMPARE(std::get<MediaMessage>(media).audio, "foo"s);
    const auto mark = reader.read(R"({"mark":{"name":"g3:item:1"},"event":"mark","streamSid":"MZ1"})", "MZ1");
    QCOMPARE(std::get<MarkMessage>(mark).name, "g3:item:1"s);
    QVERIFY(std::holds_alternative<ClearMessage>(reader.read(R"({"event":"clear","streamSid":"MZ1"})", "MZ1")));
}

void TestSimStrict::rejected_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("because");
    QTest::newRow("not JSON") << QByteArray("hello") << QByteArray("not JSON");
    QTest::newRow("cut off") << QByteArray(R"({"event":"clear")") << QByteArray("not JSON");
    QTest::newRow("array") << QByteArray("[1]") << QByteArray("not a JSON object");
    QTest::newRow("no event") << QByteArray(R"({"streamSid":"MZ1"})") << QByteArray("\"event\" is missing");
    QTest::newRow("number as event") << QByteArray(R"({"event":1,"streamSid":"MZ1"})")
                                     << QByteArray("\"event\" is missing");
    QTest::newRow("unknown event") << QByteArray(R"({"event":"stop","streamSid":"MZ1"})")
                                   << QByteArray("unknown event");
    QTest::newRow("no streamSid") << QByteArray(R"({"event":"clear"})") << QByteArray("missing");
    QTest::newRow("wrong streamSid") << QByteArray(R"({"event":"clear","streamSid":"MZ2"})")
                                     << QByteArray("wrong streamSid");
    QTest::newRow("extra key") << QByteArray(R"({"event":"clear","streamSid":"MZ1","x":1})")
                               << QByteArray("extra field");
    QTest::newRow("twice") << QByteArray(R"({"event":"clear","streamSid":"MZ1","streamSid":"MZ1"})")
                           << QByteArray("twice");
    QTest::newRow("extra key in media") << QByteArray(
        R"({"event":"media","streamSid":"MZ1","media":{"payload":"Zm9v","track":"outbound"}})")
                                        << QByteArray("extra field");
    QTest::newRow("no payload") << QByteArray(R"({"event":"media","streamSid":"MZ1","media":{}})")
                                << QByteArray("missing");
    QTest::newRow("payload no text") << QByteArray(R"({"event":"media","streamSid":"MZ1","media":{"payload":7}})")
                                     << QByteArray("not a string");
    QTest::newRow("payload empty") << QByteArray(R"({"event":"media","streamSid":"MZ1","media":{"payload":""}})")
                                   << QByteArray("empty");
    QTest::newRow("payload not canonical")
        << QByteArray(R"({"event":"media","streamSid":"MZ1","media":{"payload":"Zm9="}})") << QByteArray("canonical");
    QTest::newRow("payload is a WAV file")
        << QByteArray(R"({"event":"media","streamSid":"MZ1","media":{"payload":"UklGRgAA"}})") << QByteArray("WAV");
    QTest::newRow("media no object") << QByteArray(R"({"event":"media","streamSid":"MZ1","media":"Zm9v"})")
                                     << QByteArray("not an object");
    QTest::newRow("mark without name") << QByteArray(R"({"event":"mark","streamSid":"MZ1","mark":{"name":""}})")
                                       << QByteArray("mark.name");
}

void TestSimStrict::rejected()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, because);
    StrictReader reader;
    const auto message = reader.read({json.constData(), std::size_t(json.size())}, "MZ1");
    QVERIFY(std::holds_alternative<StreamFault>(message));
    const auto &fault = std::get<StreamFault>(message);
    QCOMPARE(fault.code, 31951);
    QVERIFY2(fault.text.find(because.toStdString()) != std::string::npos, fault.text.c_str());
}

void TestSimStrict::ownMessages()
{
    StreamWriter writer({"AC1", "CA1", "MZ1", {{"from", "+1\"2"}}});
    const auto parse = [](const std::string &text) {
        const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
        if (object.isEmpty())
            qFatal("not JSON: %s", text.c_str());
        return object;
    };
    QVERIFY(!parse(StreamWriter::connected()).contains(u"sequenceNumber"));
    const QJsonObject start = parse(writer.start());
    QCOMPARE(start[u"sequenceNumber"], QStringLiteral("1"));
    QCOMPARE(start[u"start"].toObject()[u"mediaFormat"].toObject()[u"sampleRate"], 8000);
    QCOMPARE(start[u"start"].toObject()[u"customParameters"].toObject()[u"from"], QStringLiteral("+1\"2"));
    const std::vector<std::uint8_t> silence(160, 0xFF);
    const QJsonObject media = parse(writer.media(102, silence));
    QCOMPARE(media[u"sequenceNumber"], QStringLiteral("2"));
    QCOMPARE(media[u"media"].toObject()[u"chunk"], QStringLiteral("1"));
    QCOMPARE(media[u"media"].toObject()[u"timestamp"], QStringLiteral("102"));
    QCOMPARE(media[u"media"].toObject()[u"payload"].toString().size(), 216);
    QCOMPARE(parse(writer.mark("a\nb"))[u"mark"].toObject()[u"name"], QStringLiteral("a\nb"));
    QCOMPARE(parse(writer.dtmf('#'))[u"dtmf"].toObject()[u"track"], QStringLiteral("inbound_track"));
    QCOMPARE(parse(writer.unknownEvent())[u"sequenceNumber"], QStringLiteral("5"));
    QCOMPARE(parse(writer.stop())[u"sequenceNumber"], QStringLiteral("6"));
}

QTEST_GUILESS_MAIN(TestSimStrict)
#include "tst_sim_strict.moc"
