// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's socket over real bytes.
#include "control/controlserver.h"
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
        const ControlServer::Handler status = [](const QJsonObject &, const ControlServer::Reply &reply) {
            GatewaySnapshot snapshot;
            snapshot.version = u"1.2.3"_s;
            CallSnapshot call;
            call.callSid = u"CA1"_s;
            call.lastText = u"שלום \"quoted\"\n"_s;
            snapshot.calls << call;
            reply(snapshot.toJson());
        };
        const ControlServer::Handler echo = [](const QJsonObject &parameters, const ControlServer::Reply &reply) {
            reply(parameters.isEmpty() ? Result<QJsonObject>(Error{u"nothing to echo"_s}) : parameters);
        };
        m_server = std::make_unique<ControlServer>(
            QHash<QString, ControlServer::Handler>{{kStatus, status}, {u"echo"_s, echo}});
        QCOMPARE(m_server->listen(m_path), QString());
    }

    void helloThenAnswers()
    {
        QLocalSocket client;
        const QJsonObject hello = connectAndRead(client);
        QCOMPARE(hello["type"_L1].toString(), u"hello"_s);
        QCOMPARE(hello["protocol"_L1].toInt(), kProtocol);
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
    std::unique_ptr<ControlServer> m_server;
};

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
