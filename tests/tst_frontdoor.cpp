// SPDX-License-Identifier: GPL-3.0-or-later
// The public port over real sockets: what is let through, what is refused and how.
#include "frontdoor/frontdoor.h"

#include <QTcpSocket>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::frontdoor;

namespace {

QByteArray upgrade(const QByteArray &path)
{
    return "GET " + path
           + " HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
             "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
}

} // namespace

class TestFrontDoor : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void heads_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status"); // 0: media, -1: more wanted
        QTest::newRow("media") << upgrade("/media") << 0;
        QTest::newRow("media with token") << upgrade("/media/CA1.abc") << 0;
        QTest::newRow("header case") << "GET /media HTTP/1.1\r\nUPGRADE: WebSocket\r\n\r\n"_ba << 0;
        QTest::newRow("half a head") << upgrade("/media").chopped(2) << -1;
        QTest::newRow("nothing") << ""_ba << -1;
        QTest::newRow("another path") << upgrade("/other") << 404;
        QTest::newRow("a longer word") << upgrade("/mediax") << 404;
        QTest::newRow("root") << "GET / HTTP/1.1\r\n\r\n"_ba << 404;
        QTest::newRow("post") << "POST /media HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"_ba << 405;
        QTest::newRow("no upgrade") << "GET /media HTTP/1.1\r\nHost: x\r\n\r\n"_ba << 426;
        QTest::newRow("another protocol") << "GET /media HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"_ba << 426;
        QTest::newRow("garbage") << "\x16\x03\x01\x02 hello\r\n\r\n"_ba << 400;
        QTest::newRow("no version") << "GET /media\r\n\r\n"_ba << 400;
        QTest::newRow("endless head") << QByteArray(9000, 'x') << 431;
    }
    void heads()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        const Head head = readHead(bytes);
        const Head::Kind kind = status == 0  ? Head::Kind::Media
                                : status < 0 ? Head::Kind::Incomplete
                                             : Head::Kind::Refuse;
        QCOMPARE(int(head.kind), int(kind));
        if (status > 0)
            QCOMPARE(head.status, status);
    }

    void refusedConnectionsGetAnAnswerAndAreClosed()
    {
        FrontDoor door([](QTcpSocket *socket) { delete socket; });
        QCOMPARE(door.listen(QHostAddress::LocalHost, 0), QString());
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, door.port());
        QVERIFY(QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        socket.write("GET /admin HTTP/1.1\r\nHost: x\r\n\r\n");
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QVERIFY(socket.readAll().startsWith("HTTP/1.1 404 Not Found\r\n"));
    }

    void anUpgradeIsHandedOverUnread()
    {
        QTcpSocket *handed = nullptr;
        FrontDoor door([&](QTcpSocket *socket) { handed = socket; });
        QCOMPARE(door.listen(QHostAddress::LocalHost, 0), QString());
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, door.port());
        QVERIFY(QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        const QByteArray request = upgrade("/media");
        socket.write(request.first(30)); // in two pieces
        socket.flush();
        QTest::qWait(30);
        QVERIFY(handed == nullptr);
        socket.write(request.sliced(30));
        QTRY_VERIFY(handed != nullptr);
        QCOMPARE(handed->parent(), nullptr);
        QCOMPARE(handed->readAll(), request);
        delete handed;
    }

    void aPortInUseIsSaid()
    {
        FrontDoor first([](QTcpSocket *) {});
        QCOMPARE(first.listen(QHostAddress::LocalHost, 0), QString());
        FrontDoor second([](QTcpSocket *) {});
        QVERIFY(second.listen(QHostAddress::LocalHost, first.port()).contains("can't listen"_L1));
    }
};

QTEST_GUILESS_MAIN(TestFrontDoor)
#include "tst_frontdoor.moc"
