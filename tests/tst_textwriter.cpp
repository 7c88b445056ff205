// SPDX-License-Identifier: GPL-3.0-or-later
// Messages past QWebSocket's own way out, read by a real QWebSocket at the other end.
#include "media/textwriter.h"

#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QWebSocket>
#include <QWebSocketServer>

using namespace Qt::Literals::StringLiterals;
using takt::media::TextWriter;

namespace {

// A QWebSocket at each end of a real connection.
class Wire : public QObject
{
public:
    bool open(QTcpServer &listener)
    {
        connect(&listener, &QTcpServer::newConnection, this, [this, &listener] {
            serverTransport = listener.nextPendingConnection();
            m_server.handleConnection(serverTransport);
        });
        connect(&m_server, &QWebSocketServer::newConnection, this, [this] {
            server = m_server.nextPendingConnection();
            server->setParent(this);
            connect(server, &QWebSocket::textMessageReceived, this, [this](const QString &text) { atServer << text; });
        });
        connect(&client, &QWebSocket::textMessageReceived, this, [this](const QString &text) { atClient << text; });
        if (!listener.listen(QHostAddress::LocalHost))
            return false;
        client.open(QUrl(u"ws://127.0.0.1:%1"_s.arg(listener.serverPort())));
        return QTest::qWaitFor([this] { return server != nullptr && client.isValid(); });
    }
    QAbstractSocket *clientTransport() { return client.findChild<QAbstractSocket *>(); }

    QWebSocket client;
    QWebSocket *server = nullptr;
    QTcpSocket *serverTransport = nullptr;
    QStringList atServer;
    QStringList atClient;

private:
    QWebSocketServer m_server{u"test"_s, QWebSocketServer::NonSecureMode};
};

} // namespace

class TestTextWriter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // Around the limits of the three ways in which a length is written.
    void everyLength_data()
    {
        QTest::addColumn<int>("bytes");
        for (const int bytes : {0, 1, 3, 125, 126, 127, 1000, 65535, 65536, 1'000'000})
            QTest::newRow(QByteArray::number(bytes).constData()) << bytes;
    }
    void everyLength()
    {
        QFETCH(const int, bytes);
        QTcpServer listener;
        Wire wire;
        QVERIFY(wire.open(listener));
        QString text;
        for (int i = 0; i < bytes; ++i)
            text += QChar(u'a' + i % 26);
        TextWriter(wire.server, wire.serverTransport, TextWriter::Role::Server).send(text.toUtf8());
        TextWriter(&wire.client, wire.clientTransport(), TextWriter::Role::Client).send(text.toUtf8());
        QTRY_COMPARE(wire.atClient, QStringList{text});
        QTRY_COMPARE(wire.atServer, QStringList{text});
    }

    // The peer reads nothing for a while: what the kernel does not take waits, is told, and nothing overtakes it, from
    // whichever of the two ways it came.
    void aFullSocketKeepsTheOrder()
    {
        QTcpServer listener;
        Wire wire;
        QVERIFY(wire.open(listener));
        wire.serverTransport->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, 16 * 1024);
        wire.clientTransport()->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 16 * 1024);
        TextWriter writer(wire.server, wire.serverTransport, TextWriter::Role::Server);
        QStringList sent;
        const QString filler(20'000, u'.'); // more than the kernel takes at once
        for (int i = 0; i < 400; ++i) {
            if (i == 200) { // the kernel has room again, and still nothing may overtake what waits
                wire.serverTransport->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, 512 * 1024);
                wire.clientTransport()->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 512 * 1024);
            }
            sent << QString::number(i) + filler;
            if (i % 10 == 9)
                wire.server->sendTextMessage(sent.last());
            else
                writer.send(sent.last().toUtf8());
        }
        QVERIFY(writer.unsent() > 0);
        QTRY_COMPARE(wire.atClient.size(), sent.size());
        QVERIFY(wire.atClient == sent);
        QCOMPARE(writer.unsent(), 0);
    }

    void nothingFollowsTheCloseFrame()
    {
        QTcpServer listener;
        Wire wire;
        QVERIFY(wire.open(listener));
        TextWriter writer(wire.server, wire.serverTransport, TextWriter::Role::Server);
        writer.send("last words");
        wire.server->close();
        writer.send("too late");
        QTest::failOnWarning(QRegularExpression(u"not open"_s));
        TextWriter(wire.server, wire.serverTransport, TextWriter::Role::Server).send("later still");
        QTRY_COMPARE(wire.client.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(wire.atClient, QStringList{u"last words"_s});
    }

    void nothingFollowsSocketsThatAreGone()
    {
        QTcpServer listener;
        auto wire = std::make_unique<Wire>();
        QVERIFY(wire->open(listener));
        TextWriter writer(wire->server, wire->serverTransport, TextWriter::Role::Server);
        TextWriter client(&wire->client, wire->clientTransport(), TextWriter::Role::Client);
        wire.reset(); // open as they are
        writer.send("nobody");
        client.send("nobody");
        QCOMPARE(writer.unsent() + client.unsent(), 0);
    }

    void aDeadPeerIsFoundByTheSocket()
    {
        QTcpServer listener;
        auto wire = std::make_unique<Wire>();
        QVERIFY(wire->open(listener));
        TextWriter writer(wire->server, wire->serverTransport, TextWriter::Role::Server);
        bool gone = false;
        bool sending = false;
        bool told = false; // from within a send
        connect(wire->server, &QWebSocket::disconnected, this, [&] {
            gone = true;
            told = sending;
        });
        wire->client.abort();
        const bool found = QTest::qWaitFor([&] {
            sending = true;
            writer.send("anybody?");
            sending = false;
            return gone;
        });
        QVERIFY(found);
        QVERIFY(!told);
        wire.reset();
        writer.send("nobody"); // its sockets are gone altogether
        QCOMPARE(writer.unsent(), 0);
    }
};

QTEST_GUILESS_MAIN(TestTextWriter)
#include "tst_textwriter.moc"
