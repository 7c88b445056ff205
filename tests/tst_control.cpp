// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's socket over real bytes.
#include "control/controlserver.h"
#include "control/door.h"
#include "shared/controlprotocol.h"
#include "shared/gatewaysnapshot.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::control;

class TestControl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_path = m_dir->filePath(u"takt.sock"_s);
        const Handler status = [](const QJsonObject &, const Reply &reply) {
            GatewaySnapshot snapshot;
            snapshot.version = u"1.2.3"_s;
            CallSnapshot call;
            call.callSid = u"CA1"_s;
            call.lastText = u"שלום \"quoted\"\n"_s;
            snapshot.calls << call;
            reply(snapshot.toJson());
        };
        const Handler echo = [](const QJsonObject &parameters, const Reply &reply) {
            reply(parameters.isEmpty() ? Result<QJsonObject>(Error{u"nothing to echo"_s}) : parameters);
        };
        const Handler later = [this](const QJsonObject &, const Reply &reply) { m_waiting << reply; };
        m_waiting.clear();
        m_server = std::make_unique<ControlServer>(Methods{
            {kStatus, {Tier::View, status}}, {u"echo"_s, {Tier::Act, echo}}, {u"later"_s, {Tier::View, later}}});
        QCOMPARE(m_server->listen(m_path), QString());
    }

    void helloThenAnswers()
    {
        QLocalSocket client;
        const QJsonObject hello = connectAndRead(client);
        QCOMPARE(hello["type"_L1].toString(), u"hello"_s);
        QCOMPARE(hello["protocol"_L1].toInt(), kProtocol);
        QVERIFY(hello["features"_L1].toArray().contains(QString(kStatus)));
        QVERIFY(hello["features"_L1].toArray().contains(QString(kSubscribe)));
        const QJsonObject answer = ask(client, R"({"id":"seven","method":"status"})");
        QCOMPARE(answer["id"_L1].toString(), u"seven"_s);
        const GatewaySnapshot snapshot = GatewaySnapshot::fromJson(answer["result"_L1].toObject());
        QCOMPARE(snapshot.version, u"1.2.3"_s);
        QCOMPARE(snapshot.calls.size(), 1);
        QCOMPARE(snapshot.calls[0].lastText, u"שלום \"quoted\"\n"_s);
    }

    void parametersReachTheHandlerAndErrorsTheClient()
    {
        QLocalSocket client;
        connectAndRead(client);
        const QJsonObject answer = ask(client, R"({"id":1,"method":"echo","params":{"to":"+1"}})");
        QCOMPARE(answer["result"_L1]["to"_L1].toString(), u"+1"_s);
        QCOMPARE(ask(client, R"({"id":2,"method":"echo"})")["error"_L1].toString(), u"nothing to echo"_s);
    }

    void unknownMethodsAreAnErrorAndNoEnd()
    {
        QLocalSocket client;
        connectAndRead(client);
        QVERIFY(ask(client, R"({"id":1,"method":"explode"})")["error"_L1].toString().contains("explode"_L1));
        QVERIFY(ask(client, R"({"id":2,"method":"status"})").contains("result"_L1));
    }

    void whoOnlyLooksOnCanNotAct()
    {
        QLocalSocket client;
        connectAndRead(client);
        QVERIFY(ask(client, R"({"id":1,"method":"echo","params":{"a":1}})").contains("result"_L1));
        QVERIFY(ask(client, R"({"id":2,"method":"view_only"})").contains("result"_L1));
        QVERIFY(
            ask(client, R"({"id":3,"method":"echo","params":{"a":1}})")["error"_L1].toString().contains("looks on"_L1));
        QVERIFY(ask(client, R"({"id":4,"method":"status"})").contains("result"_L1));
        QLocalSocket other; // it was that one's own wish
        connectAndRead(other);
        QVERIFY(ask(other, R"({"id":1,"method":"echo","params":{"a":1}})").contains("result"_L1));
    }

    void requestsUnderWayAreLimited()
    {
        QLocalSocket client;
        connectAndRead(client);
        for (int i = 0; i < 64; ++i)
            client.write("{\"id\":1,\"method\":\"later\"}\n");
        QTRY_COMPARE(m_waiting.size(), 64);
        QVERIFY(ask(client, R"({"id":2,"method":"later"})")["error"_L1].toString().contains("too many"_L1));
        for (const Reply &reply : std::exchange(m_waiting, {}))
            reply(QJsonObject());
        for (int i = 0; i < 64; ++i)
            QVERIFY(read(client).contains("result"_L1));
        QVERIFY(ask(client, R"({"id":3,"method":"status"})").contains("result"_L1));
    }

    void anAnswerToAClientThatHasGoneIsNobodys()
    {
        {
            QLocalSocket client;
            connectAndRead(client);
            client.write("{\"id\":1,\"method\":\"later\"}\n");
            QTRY_COMPARE(m_waiting.size(), 1);
        }
        QLocalSocket other;
        connectAndRead(other);
        QVERIFY(ask(other, R"({"id":1,"method":"status"})").contains("result"_L1));
        m_waiting.front()(QJsonObject());
    }

    void clientsAreLimited()
    {
        std::vector<std::unique_ptr<QLocalSocket>> clients;
        for (int i = 0; i < Door::kMostClients; ++i) {
            clients.push_back(std::make_unique<QLocalSocket>());
            QVERIFY(connectAndRead(*clients.back()).contains("protocol"_L1));
        }
        QLocalSocket late;
        late.connectToServer(m_path);
        QTRY_COMPARE(late.state(), QLocalSocket::UnconnectedState);
        clients.pop_back();
        QTest::qWait(100); // until the server has heard of it
        QLocalSocket other;
        QVERIFY(connectAndRead(other).contains("protocol"_L1));
    }

    void hostileBytesEndOnlyTheirConnection_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("no JSON") << "hello\n"_ba;
        QTest::newRow("an array") << "[1]\n"_ba;
        QTest::newRow("binary") << QByteArray("\x00\xff\n\x01", 4);
        QTest::newRow("a line without end") << QByteArray(kMaxLineBytes + 10, 'x');
    }
    void hostileBytesEndOnlyTheirConnection()
    {
        QFETCH(QByteArray, bytes);
        QLocalSocket good;
        connectAndRead(good);
        QLocalSocket bad;
        connectAndRead(bad);
        bad.write(bytes);
        QTRY_COMPARE(bad.state(), QLocalSocket::UnconnectedState);
        QVERIFY(ask(good, R"({"id":1,"method":"status"})").contains("result"_L1));
    }

    void onlyTheOwnerMayOpenIt()
    {
        struct stat info {
        };
        QCOMPARE(stat(m_path.toLocal8Bit().constData(), &info), 0);
        QCOMPARE(info.st_mode & 0077, 0U);
    }

    void aSocketLeftBehindIsReplacedALiveOneIsNot()
    {
        ControlServer second({});
        QVERIFY(second.listen(m_path).contains("another gateway"_L1));
        m_server.reset();
        // What a killed gateway leaves: a socket file that nobody serves.
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        qstrncpy(address.sun_path, m_path.toLocal8Bit().constData(), sizeof address.sun_path);
        QCOMPARE(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        ::close(fd);
        QVERIFY(QFile::exists(m_path));
        QCOMPARE(second.listen(m_path), QString());
    }

    // A database, perhaps, that a mistyped setting names.
    void whatIsNoSocketIsLeftAlone()
    {
        const QString path = m_dir->filePath(u"takt.db"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("precious") == 8);
        file.close();
        ControlServer second({});
        QCOMPARE(second.listen(path), u"control_socket: %1 is there already, and is no socket"_s.arg(path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("precious"));
    }

private:
    QJsonObject read(QLocalSocket &client)
    {
        if (!QTest::qWaitFor([&] { return client.canReadLine(); }))
            return {};
        return QJsonDocument::fromJson(client.readLine()).object();
    }
    QJsonObject connectAndRead(QLocalSocket &client)
    {
        client.connectToServer(m_path);
        return read(client);
    }
    QJsonObject ask(QLocalSocket &client, const QByteArray &line)
    {
        client.write(line + '\n');
        return read(client);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_path;
    QList<Reply> m_waiting;
    std::unique_ptr<ControlServer> m_server;
};

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
