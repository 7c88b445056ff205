// SPDX-License-Identifier: GPL-3.0-or-later
// The simulator's wire without a socket: WebSocket frames, base64, HTTP heads.
#include "sim/wire/base64.h"
#include "sim/wire/frame.h"
#include "sim/wire/httphead.h"

#include <QTest>

using namespace takt::sim;
using namespace std::string_literals;

class TestSimFrame : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip_data();
    void roundTrip();
    void fragmentsAreJoined();
    void unlawfulFrames_data();
    void unlawfulFrames();
    void base64_data();
    void base64();
    void base64Refused_data();
    void base64Refused();
    void handshake();
};

void TestSimFrame::roundTrip_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("masked");
    for (const int size : {0, 1, 7, 125, 126, 127, 65535, 65536, 200000}) {
        QTest::addRow("%d masked", size) << size << true;
        QTest::addRow("%d plain", size) << size << false;
    }
}

void TestSimFrame::roundTrip()
{
    QFETCH(int, size);
    QFETCH(bool, masked);
    std::string payload;
    for (int i = 0; i < size; ++i)
        payload.push_back(static_cast<char>(i * 7));
    std::string wire;
    appendFrame(wire, Opcode::Binary, payload, masked ? std::optional(MaskKey{1, 2, 3, 250}) : std::nullopt);
    FrameReader reader(masked);
    for (std::size_t at = 0; at < wire.size(); at += 1000) { // arrives in pieces
        QVERIFY(!reader.next());
        reader.feed(std::string_view(wire).substr(at, 1000));
    }
    const auto message = reader.next();
    QVERIFY(message);
    QVERIFY(message->payload == payload);
    QVERIFY(!reader.next());
    QVERIFY(reader.error().empty());
}

void TestSimFrame::fragmentsAreJoined()
{
    std::string wire;
    appendFrame(wire, Opcode::Text, "one ", std::nullopt, false);
    appendFrame(wire, Opcode::Ping, "still there?", std::nullopt);
    appendFrame(wire, Opcode::Continuation, "two", std::nullopt);
    appendFrame(wire, Opcode::Text, "three", std::nullopt);
    FrameReader reader(false);
    reader.feed(wire);
    QVERIFY(reader.next()->opcode == Opcode::Ping);
    const auto joined = reader.next();
    QVERIFY(joined->opcode == Opcode::Text);
    QCOMPARE(std::string(joined->payload), "one two"s);
    QCOMPARE(std::string(reader.next()->payload), "three"s);
}

void TestSimFrame::unlawfulFrames_data()
{
    QTest::addColumn<QByteArray>("wire");
    QTest::newRow("reserved bit") << QByteArray("\xC1\x01x", 3);
    QTest::newRow("reserved opcode") << QByteArray("\x83\x01x", 3);
    QTest::newRow("masked by a server") << QByteArray("\x81\x81\x01\x02\x03\x04x", 7);
    QTest::newRow("fragmented ping") << QByteArray("\x09\x01x", 3);
    QTest::newRow("long ping") << QByteArray("\x89\x7E\x00\x7E", 4) + QByteArray(126, 'x');
    QTest::newRow("continuation of nothing") << QByteArray("\x80\x01x", 3);
    QTest::newRow("message inside a message") << QByteArray("\x01\x01x\x81\x01y", 6);
    QTest::newRow("length not in its shortest form") << QByteArray("\x81\x7E\x00\x01x", 5);
    QTest::newRow("endless") << QByteArray("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10);
}

void TestSimFrame::unlawfulFrames()
{
    QFETCH(QByteArray, wire);
    FrameReader reader(false);
    reader.feed({wire.constData(), std::size_t(wire.size())});
    while (reader.next()) {
    }
    QVERIFY(!reader.error().empty());
}

void TestSimFrame::base64_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("one") << QByteArray("f") << QByteArray("Zg==");
    QTest::newRow("two") << QByteArray("fo") << QByteArray("Zm8=");
    QTest::newRow("three") << QByteArray("foo") << QByteArray("Zm9v");
    QTest::newRow("six") << QByteArray("foobar") << QByteArray("Zm9vYmFy");
    QTest::newRow("all bits") << QByteArray("\xFF\xFE\xFB", 3) << QByteArray("//77");
}

void TestSimFrame::base64()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, text);
    const std::string raw = bytes.toStdString();
    QCOMPARE(toBase64(asBytes(raw)), text.toStdString());
    std::string decoded;
    QVERIFY(fromBase64(text.toStdString(), decoded));
    QCOMPARE(decoded, raw);
}

void TestSimFrame::base64Refused_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm-_", "Zg==Zg==", "Zm 8", "=m9v"})
        QTest::newRow(text) << QByteArray(text);
}

void TestSimFrame::base64Refused()
{
    QFETCH(QByteArray, text);
    std::string decoded;
    QVERIFY(!fromBase64(text.toStdString(), decoded));
}

void TestSimFrame::handshake()
{
    QCOMPARE(acceptFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="s); // of RFC 6455
    const auto head = HttpHead::parse(
        "GET /v1/realtime?model=gpt-realtime&x=1 HTTP/1.1\r\nHost: a\r\nUPGRADE:  websocket ");
    QVERIFY(head);
    QCOMPARE(head->path(), "/v1/realtime"s);
    QCOMPARE(head->query("model").value_or(""), "gpt-realtime"s);
    QVERIFY(!head->query("mode"));
    QCOMPARE(head->header("upgrade"), "websocket"s);
    QCOMPARE(HttpHead::parse("HTTP/1.1 401 Unauthorized\r\na: b")->status, 401);
    QVERIFY(!HttpHead::parse("SSH-2.0-OpenSSH"));
}

QTEST_GUILESS_MAIN(TestSimFrame)
#include "tst_sim_frame.moc"
