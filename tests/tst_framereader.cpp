// SPDX-License-Identifier: GPL-3.0-or-later
// The reader in front of a QWebSocket, over a real socket: whatever comes in whatever pieces, each message arrives once,
// whole and in order, whoever of the two read it.
#include "carrier/framereader.h"
#include "carrier/twiliocodec.h"
#include "support/listener.h"
#include "support/tlscertificate.h"

#include <QRegularExpression>
#include <QSslSocket>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QWebSocket>
#include <QWebSocketServer>
#include <QtEndian>

using namespace Qt::Literals::StringLiterals;
using takt::carrier::FrameReader;

namespace {

constexpr uchar kText = 0x81;
constexpr uchar kPing = 0x89;

QByteArray frame(uchar first, const QByteArray &payload, bool masked = true)
{
    QByteArray bytes(1, char(first));
    const uchar mask = masked ? 0x80 : 0;
    if (payload.size() <= 125) {
        bytes += char(mask | uchar(payload.size()));
    } else {
        bytes += char(mask | 126);
        bytes += QByteArray(2, 0);
        qToBigEndian(quint16(payload.size()), bytes.data() + 2);
    }
    const QByteArray key = masked ? "\x01\x82\x43\xf4"_ba : QByteArray();
    bytes += key;
    for (qsizetype i = 0; i < payload.size(); ++i)
        bytes += masked ? char(payload[i] ^ key[i % 4]) : payload[i];
    return bytes;
}

// Both ends of one connection; what arrived is noted as "r:text" where the reader read it, "q:text" where QWebSocket did.
class Wire : public QObject
{
public:
    bool open(bool tls = false)
    {
        m_listener = takt::test::makeServer(tls ? takt::test::makeTls() : QSslConfiguration());
        connect(m_listener.get(), &QTcpServer::pendingConnectionAvailable, this, [this] {
            QTcpSocket *transport = m_listener->nextPendingConnection();
            reader = new FrameReader(transport);
            m_server.handleConnection(transport);
        });
        connect(&m_server, &QWebSocketServer::newConnection, this, [this] { onUpgraded(); });
        if (!m_listener->listen(QHostAddress::LocalHost))
            return false;
        peer.setPeerVerifyMode(QSslSocket::VerifyNone);
        if (tls)
            peer.connectToHostEncrypted(u"127.0.0.1"_s, m_listener->serverPort());
        else
            peer.connectToHost(QHostAddress::LocalHost, m_listener->serverPort());
        peer.write("GET /media HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        return QTest::qWaitFor([this] { return socket != nullptr && peer.bytesAvailable() > 0; })
               && peer.readAll().startsWith("HTTP/1.1 101");
    }
    void send(const QByteArray &bytes)
    {
        peer.write(bytes);
        peer.flush();
    }
    // Until the server's end has read what was sent.
    void settle()
    {
        const auto before = got.size();
        [[maybe_unused]] const bool grown = QTest::qWaitFor([&] { return got.size() > before; }, 30);
    }

    QSslSocket peer;
    FrameReader *reader = nullptr;
    QWebSocket *socket = nullptr;
    QStringList got;
    int binaries = 0;
    int closeCode = 0;

private:
    void onUpgraded()
    {
        socket = m_server.nextPendingConnection();
        socket->setParent(this);
        socket->setMaxAllowedIncomingMessageSize(takt::carrier::kMaxMessageBytes);
        socket->setMaxAllowedIncomingFrameSize(takt::carrier::kMaxMessageBytes);
        connect(socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
            got << u"q:"_s + text;
            if (!reader->reading())
                reader->takeOver([this](const QByteArray &bytes) { got << u"r:"_s + QString::fromUtf8(bytes); });
        });
        connect(socket, &QWebSocket::binaryMessageReceived, this, [this] { ++binaries; });
        connect(socket, &QWebSocket::disconnected, this, [this] { closeCode = int(socket->closeCode()); });
    }
    std::unique_ptr<QTcpServer> m_listener;
    QWebSocketServer m_server{u"test"_s, QWebSocketServer::NonSecureMode};
};

} // namespace

class TestFrameReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFirstIsQWebSocketsAndTheRestTheReaders()
    {
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        wire.send(frame(kText, "one") + frame(kText, "two"));
        QTRY_COMPARE(wire.got, (QStringList{u"q:connected"_s, u"r:one"_s, u"r:two"_s}));
    }

    // Two messages, of a short and of a 16 bit length, cut at every byte.
    void everyCut_data() { bothTransports(); }
    void everyCut()
    {
        QFETCH(const bool, tls);
        Wire wire;
        QVERIFY(wire.open(tls));
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        const QByteArray longText(300, 'x');
        const QByteArray stream = frame(kText, "short") + frame(kText, longText);
        for (qsizetype cut = 1; cut < stream.size(); ++cut) {
            wire.got.clear();
            wire.send(stream.first(cut));
            if (cut % 7 == 0) // sometimes the first piece has certainly been read before the second comes
                wire.settle();
            wire.send(stream.sliced(cut));
            QTRY_COMPARE(wire.got, (QStringList{u"r:short"_s, u"r:"_s + QString::fromLatin1(longText)}));
        }
    }

    void everyByteForItself_data() { bothTransports(); }
    void everyByteForItself()
    {
        QFETCH(const bool, tls);
        Wire wire;
        QVERIFY(wire.open(tls));
        const QByteArray stream = frame(kText, "connected") + frame(kText, QByteArray(130, 'y')) + frame(kPing, "hello")
                                  + frame(kText, "after");
        for (const char byte : stream) {
            wire.send(QByteArray(1, byte));
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(wire.got.size(), 3);
        QCOMPARE(wire.got.last().mid(2), u"after"_s);
        QTRY_COMPARE(wire.peer.bytesAvailable(), 2 + 5);
        QCOMPARE(wire.peer.readAll(), "\x8a\x05hello"_ba); // the pong
    }

    void aPingAloneKeepsTheReader()
    {
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        wire.send(frame(kText, "one") + frame(kPing, "p"));
        QTRY_COMPARE(wire.peer.bytesAvailable(), 3);
        QCOMPARE(wire.peer.readAll(), "\x8a\x01p"_ba);
        wire.send(frame(kText, "two"));
        QTRY_COMPARE(wire.got, (QStringList{u"q:connected"_s, u"r:one"_s, u"r:two"_s}));
    }

    // Text behind a ping, in one piece: QWebSocket reads both, in order; then the reader takes over again.
    void textBehindAPing_data() { bothTransports(); }
    void textBehindAPing()
    {
        QFETCH(const bool, tls);
        Wire wire;
        QVERIFY(wire.open(tls));
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        const QByteArray last = frame(kText, "three");
        wire.send(frame(kText, "one") + frame(kPing, "p") + frame(kText, "two") + last.first(4));
        QTRY_COMPARE(wire.got.size(), 3);
        wire.send(last.sliced(4));
        QTRY_COMPARE(wire.got, (QStringList{u"q:connected"_s, u"r:one"_s, u"q:two"_s, u"q:three"_s}));
        wire.send(frame(kText, "four"));
        QTRY_COMPARE(wire.got.last(), u"r:four"_s);
    }

    void fragmentsAreQWebSockets()
    {
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        wire.send(frame(kText, "one") + frame(0x01, "half "));
        wire.send(frame(0x80, "and half"));
        QTRY_COMPARE(wire.got, (QStringList{u"q:connected"_s, u"r:one"_s, u"q:half and half"_s}));
        wire.send(frame(kText, "two"));
        QTRY_COMPARE(wire.got.last(), u"r:two"_s);
    }

    void whatIsNotTextIsQWebSockets_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("binaries");
        QTest::addColumn<int>("closeCode");
        QTest::newRow("binary") << frame(0x82, "\x01\x02") << 1 << 0;
        QTest::newRow("close") << frame(0x88, "\x03\xe8"_ba + "bye") << 0 << 1000;
        QTest::newRow("reserved bit") << frame(0xC1, "zip") << 0 << 1002;
        QTest::newRow("reserved opcode") << frame(0x83, "new") << 0 << 1002;
        QTest::newRow("64 bit length") << "\x81\xff\x00\x00\x00\x00\x00\x02\x00\x00"_ba + QByteArray(4, 'm') << 0
                                       << 1009;
    }
    void whatIsNotTextIsQWebSockets()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, binaries);
        QFETCH(const int, closeCode);
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        wire.send(frame(kText, "one") + bytes);
        QTRY_COMPARE(wire.got.size(), 2);
        QTRY_COMPARE(wire.binaries, binaries);
        QTRY_COMPARE(wire.closeCode, closeCode);
    }

    // A plain socket's messages pass QTcpSocket by: it has read none of their bytes. Afterwards it has to notice the end.
    void thePlainSocketIsReadFromBelow()
    {
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        int readyReads = 0;
        connect(wire.reader->transport(), &QIODevice::readyRead, this, [&] { ++readyReads; });
        wire.send(frame(kText, "one"));
        QTRY_COMPARE(wire.got.last(), u"r:one"_s);
        QCOMPARE(readyReads, 0);
        wire.peer.abort();
        QTRY_COMPARE(wire.socket->state(), QAbstractSocket::UnconnectedState);
    }

    // More than one read takes at once.
    void aFloodInOnePiece()
    {
        Wire wire;
        QVERIFY(wire.open());
        wire.send(frame(kText, "connected"));
        QTRY_COMPARE(wire.got.size(), 1);
        QByteArray stream;
        QStringList expected{u"q:connected"_s};
        for (int i = 0; i < 1000; ++i) {
            const QByteArray text = QByteArray::number(i) + QByteArray(i, '.');
            stream += frame(kText, text);
            expected << u"r:"_s + QString::fromLatin1(text);
        }
        wire.send(stream);
        QTRY_COMPARE(wire.got.size(), expected.size());
        QVERIFY(wire.got == expected);
    }

    // Whoever handles a text may have the socket closed from within.
    void closedFromWithin_data()
    {
        QTest::addColumn<bool>("abort");
        QTest::newRow("aborted") << true;
        QTest::newRow("closed") << false;
    }
    void closedFromWithin()
    {
        QFETCH(const bool, abort);
        QTest::failOnWarning(QRegularExpression(u"not open"_s));
        Wire wire;
        QVERIFY(wire.open());
        wire.reader->takeOver([&](const QByteArray &bytes) {
            wire.got << QString::fromUtf8(bytes);
            if (abort)
                wire.socket->abort();
            else
                wire.socket->close();
        });
        wire.send(frame(kText, "one") + frame(kText, "two") + frame(kPing, "p"));
        wire.send(frame(0x88, "\x03\xe8"));
        QTRY_COMPARE(wire.peer.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(wire.got, QStringList{u"one"_s});
    }

private:
    static void bothTransports()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plain") << false;
        QTest::newRow("tls") << true;
    }
};

QTEST_GUILESS_MAIN(TestFrameReader)
#include "tst_framereader.moc"
