// SPDX-License-Identifier: GPL-3.0-or-later
// Connections that are slow, silent, many, greedy or gone: each ends, none keeps a good one out, and nothing of them stays.
#include "http/listener.h"
#include "support/httpclient.h"
#include "telemetry/counters.h"

#include <QTest>

#include <sys/resource.h>
#include <sys/socket.h>

using namespace takt;
using namespace takt::http;
using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::counted;
using test::HttpClient;

namespace {

const QByteArray kGet = "GET /good HTTP/1.1\r\nHost: x\r\n\r\n";

Listener::Limits quick()
{
    Listener::Limits limits;
    limits.headMs = 600;
    limits.bodyMs = 600;
    limits.answerMs = 600;
    limits.waiting = 20;
    return limits;
}

// Answers when the test says so; "/good" at once.
class Door
{
public:
    explicit Door(const Listener::Limits &limits = quick())
        : listener(std::make_unique<Listener>(handlers(), limits))
    {
        if (const QString error = listener->open(QHostAddress::LocalHost, 0); !error.isEmpty())
            qFatal("%s", qPrintable(error));
    }
    [[nodiscard]] quint16 port() const { return listener->serverPort(); }
    // Sockets that the listener still has.
    [[nodiscard]] qsizetype sockets() const { return listener->findChildren<QTcpSocket *>().size(); }

    QList<Listener::Reply> replies;
    std::function<Upgrade(const Request &)> onUpgrade;
    std::unique_ptr<Listener> listener;

private:
    Listener::Handlers handlers()
    {
        return {[this](const Request &request, const Listener::Reply &reply) {
                    if (request.path() == "/good")
                        reply(Response::plain(200, "good"));
                    else
                        replies << reply;
                },
                [this](const Request &head) { return onUpgrade(head); }};
    }
};

} // namespace

class TestHttpConnections : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void slow_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status"); // 0: closed without a word
        QTest::newRow("nothing") << QByteArray() << 0;
        QTest::newRow("half a head") << "GET / HTTP/1.1\r\nHost"_ba << 408;
        QTest::newRow("a letter") << "G"_ba << 408;
        QTest::newRow("SSH") << "SSH-2.0-OpenSSH_9.2\r\n"_ba << 408;
        QTest::newRow("bare line feeds") << "GET / HTTP/1.1\n\n"_ba << 408;
        QTest::newRow("half a body") << "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel"_ba << 408;
        QTest::newRow("half a chunk") << "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"_ba << 408;
        QTest::newRow("no answer in time") << "GET /late HTTP/1.1\r\n\r\n"_ba << 503;
    }
    void slow()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        Door door;
        HttpClient client(door.port());
        client.send(bytes);
        QVERIFY(client.waitClosed());
        QCOMPARE(client.status(), status);
        QCOMPARE(client.answer.isEmpty(), status == 0);
        QVERIFY2(client.closedMs >= 500, qPrintable(QString::number(client.closedMs)));
        QTRY_COMPARE(door.sockets(), 0);
    }

    // A byte now and then buys no time.
    void dripping()
    {
        Door door;
        HttpClient client(door.port());
        QVERIFY(client.wait());
        for (int i = 0; i < 1000 && client.answer.isEmpty(); ++i) {
            client.socket->write("G");
            QTest::qWait(10);
        }
        QCOMPARE(client.status(), 408);
    }

    // Who opens thousands and says nothing can't keep the carrier out.
    void theLongestWaitingMakesRoom()
    {
        Listener::Limits limits = quick();
        limits.headMs = 60'000;
        Door door(limits);
        const qint64 evicted = counted(Counter::FrontDoorEvicted);
        std::vector<std::unique_ptr<HttpClient>> idle;
        for (int i = 0; i < 60; ++i) {
            idle.push_back(std::make_unique<HttpClient>(door.port()));
            QVERIFY(idle.back()->wait());
            if (i % 2 == 1)
                idle.back()->send("POST /");
        }
        QTRY_COMPARE(counted(Counter::FrontDoorEvicted) - evicted, 40);
        QTRY_VERIFY(!idle[39]->isOpen());
        HttpClient body(door.port()); // a body that is not whole waits too
        body.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
        QCOMPARE(test::ask(door.port(), kGet)->status(), 200);
        QCOMPARE(counted(Counter::FrontDoorEvicted) - evicted, 42);
        for (int i = 0; i < 60; ++i)
            QCOMPARE(idle[std::size_t(i)]->isOpen(), i >= 42);
        QVERIFY(body.isOpen());
        idle.clear();
        body.socket->abort();
        QTRY_COMPARE(door.sockets(), 0);
    }

    // Those that were answered, refused or wait for their answer are not in the way of others.
    void onlyThoseThatWaitAreCounted()
    {
        Door door;
        std::vector<std::unique_ptr<HttpClient>> clients;
        const qint64 evicted = counted(Counter::FrontDoorEvicted);
        for (int i = 0; i < 60; ++i) {
            clients.push_back(std::make_unique<HttpClient>(door.port()));
            clients.back()->send(i % 2 == 0 ? "GET /late HTTP/1.1\r\n\r\n"_ba : "{"_ba);
        }
        QTRY_COMPARE(door.replies.size(), 30);
        QCOMPARE(test::ask(door.port(), kGet)->status(), 200);
        QCOMPARE(counted(Counter::FrontDoorEvicted), evicted);
        for (const auto &reply : door.replies)
            reply(Response::plain(200));
        for (const auto &client : clients)
            QVERIFY(client->waitClosed());
        QTRY_COMPARE(door.sockets(), 0);
    }

    // More than twice what may wait: refused ones are closed at once.
    void aFloodOfGarbage()
    {
        Door door;
        std::vector<std::unique_ptr<HttpClient>> clients;
        for (int i = 0; i < 200; ++i) {
            clients.push_back(std::make_unique<HttpClient>(door.port()));
            clients.back()->send("{");
        }
        QCOMPARE(test::ask(door.port(), kGet)->status(), 200);
        for (const auto &client : clients) {
            QVERIFY(client->waitClosed());
            QCOMPARE(client->status(), 400);
        }
        QTRY_COMPARE(door.sockets(), 0);
    }

    void pipelined()
    {
        Door door;
        HttpClient client(door.port());
        client.send("GET /late HTTP/1.1\r\n\r\n" + kGet + QByteArray(100, '\0'));
        QTRY_COMPARE(door.replies.size(), 1);
        client.send(kGet + QByteArray(200'000, 'x'));
        QTest::qWait(20);
        door.replies[0](Response::plain(200, "one"));
        QVERIFY(client.waitClosed());
        QCOMPARE(client.answer.count("HTTP/1.1 "), 1);
        QCOMPARE(client.body(), "one\n"_ba);
        QTRY_COMPARE(door.sockets(), 0);
    }

    void answersThatComeLate()
    {
        Door door;
        HttpClient client(door.port());
        client.send("GET /late HTTP/1.1\r\n\r\n");
        QTRY_COMPARE(door.replies.size(), 1);
        QTest::qWait(50);
        door.replies[0](Response::plain(200, "late"));
        door.replies[0](Response::plain(200, "twice"));
        QVERIFY(client.waitClosed());
        QCOMPARE(client.body(), "late\n"_ba);

        HttpClient impatient(door.port());
        impatient.send("GET /late HTTP/1.1\r\n\r\n");
        QTRY_COMPARE(door.replies.size(), 2);
        impatient.socket->abort();
        QTRY_COMPARE(door.sockets(), 0);
        for (const auto &reply : door.replies)
            reply(Response::plain(200, "for nobody"));

        HttpClient another(door.port());
        another.send("GET /late HTTP/1.1\r\n\r\n");
        QVERIFY(another.waitAnswer());
        QCOMPARE(another.status(), 503);
        door.replies[2](Response::plain(200, "too late"));
        QVERIFY(another.waitClosed());
        QCOMPARE(another.answer.count("HTTP/1.1 "), 1);
        QTRY_COMPARE(door.sockets(), 0);
    }

    void theListenerGoesFirst()
    {
        Door door;
        HttpClient client(door.port());
        client.send("GET /late HTTP/1.1\r\n\r\n");
        HttpClient half(door.port());
        half.send("GET /");
        QTRY_COMPARE(door.replies.size(), 1);
        door.listener.reset();
        door.replies[0](Response::plain(200));
        QVERIFY(client.waitClosed());
        QVERIFY(half.waitClosed());
        QVERIFY(client.answer.isEmpty());
    }

    // It is let go of once the time for its answer is over.
    void aClientThatNeverReads()
    {
        Door door;
        HttpClient client(door.port());
        QVERIFY(client.wait());
        client.socket->disconnect();
        client.socket->setReadBufferSize(1);
        client.send("GET /late HTTP/1.1\r\n\r\n");
        QTRY_COMPARE(door.replies.size(), 1);
        door.replies[0](Response::plain(200, QByteArray(30'000'000, 'x')));
        QCOMPARE(door.sockets(), 1);
        QTRY_COMPARE(door.sockets(), 0);
    }

    // After a refusal what the peer still sends is thrown away, so that it sees why; but not for ever.
    void aClientThatSendsOn()
    {
        Door door;
        HttpClient client(door.port());
        client.send("POST / HTTP/1.1\r\nContent-Length: 600000\r\n\r\n" + QByteArray(600'000, 'x'));
        QVERIFY(client.waitAnswer());
        QCOMPARE(client.status(), 413);
        QVERIFY(client.waitClosed());
        HttpClient endless(door.port());
        endless.send("POST / HTTP/1.1\r\nContent-Length: 60000000\r\n\r\n" + QByteArray(8'000'000, 'x'));
        QVERIFY(endless.waitClosed());
        QTRY_COMPARE(door.sockets(), 0);
    }

    // Who closes its half after the request gets its answer all the same.
    void halfClosed()
    {
        Door door;
        HttpClient client(door.port());
        QVERIFY(client.wait());
        client.socket->write(kGet);
        client.socket->flush();
        shutdown(int(client.socket->socketDescriptor()), SHUT_WR);
        QVERIFY(client.waitAnswer());
        QCOMPARE(client.status(), 200);
    }

    void outOfDescriptors()
    {
        Door door(Listener::Limits{});
        const qint64 errors = counted(Counter::FrontDoorAcceptErrors);
        QTcpSocket first; // its descriptor is the last that there is
        first.bind(QHostAddress::LocalHost);
        rlimit before{};
        QCOMPARE(getrlimit(RLIMIT_NOFILE, &before), 0);
        rlimit none = before;
        none.rlim_cur = rlim_t(first.socketDescriptor()) + 1;
        QCOMPARE(setrlimit(RLIMIT_NOFILE, &none), 0);
        QByteArray answer;
        connect(&first, &QTcpSocket::readyRead, &first, [&] { answer += first.readAll(); });
        first.connectToHost(QHostAddress::LocalHost, door.port());
        first.write(kGet);
        const bool refused = QTest::qWaitFor([&] { return counted(Counter::FrontDoorAcceptErrors) > errors; });
        QCOMPARE(setrlimit(RLIMIT_NOFILE, &before), 0);
        QVERIFY(refused);
        QTRY_VERIFY(answer.startsWith("HTTP/1.1 200 OK"));
    }

    void anUpgradeIsHandedOverUnread()
    {
        Door door;
        std::unique_ptr<QTcpSocket> handed;
        door.onUpgrade = [&](const Request &head) {
            [&] { QCOMPARE(head.target, "/media/x"_ba); }();
            return Upgrade{0, [&](QTcpSocket *socket) { handed.reset(socket); }};
        };
        HttpClient client(door.port());
        const QByteArray request = test::upgradeOf("/media/x");
        client.send(request.first(30)); // in two pieces, the second with the first frames behind it
        QTest::qWait(30);
        QVERIFY(handed == nullptr);
        client.send(request.sliced(30) + "\x81\x05hello");
        QTRY_VERIFY(handed != nullptr);
        QCOMPARE(handed->parent(), nullptr);
        QTRY_COMPARE(handed->bytesAvailable(), request.size() + 7);
        QCOMPARE(handed->readAll(), QByteArray(request + "\x81\x05hello"));
        QTRY_COMPARE(door.listener->children().size(), 1); // the server's own notifier: the connection is no more
        QTest::qWait(700);                                 // and none of its timers
        QVERIFY(client.isOpen());
        handed->write("reply");
        QTRY_COMPARE(client.answer, "reply"_ba);
        door.listener.reset();
        QVERIFY(client.isOpen());
    }

    void refusedUpgrades()
    {
        Door door;
        for (const int status : {403, 404, 405, 503}) {
            door.onUpgrade = [&](const Request &) { return Upgrade{status, {}}; };
            QCOMPARE(test::ask(door.port(), test::upgradeOf("/media"))->status(), status);
        }
        QTRY_COMPARE(door.sockets(), 0);
    }

    // Whatever the upgrade holds (a call's slot) is free when nobody takes the socket.
    void goneBetweenDecisionAndHandover_data()
    {
        QTest::addColumn<QString>("who");
        for (const char *who : {"socket", "listener"})
            QTest::newRow(who) << QString::fromLatin1(who);
    }
    void goneBetweenDecisionAndHandover()
    {
        QFETCH(QString, who);
        Door door;
        std::weak_ptr<int> slot;
        bool taken = false;
        door.onUpgrade = [&](const Request &) {
            auto held = std::make_shared<int>(0);
            slot = held;
            QMetaObject::invokeMethod( // comes first: it was asked for first
                qApp,
                [&] {
                    if (who == "listener"_L1)
                        door.listener.reset();
                    else
                        door.listener->findChild<QTcpSocket *>()->abort();
                },
                Qt::QueuedConnection);
            return Upgrade{0, [&taken, held](QTcpSocket *socket) {
                               taken = true;
                               delete socket;
                           }};
        };
        HttpClient client(door.port());
        client.send(test::upgradeOf("/media"));
        QVERIFY(client.waitClosed());
        QTRY_VERIFY(slot.expired());
        QVERIFY(!taken);
        if (door.listener != nullptr)
            QTRY_COMPARE(door.sockets(), 0);
    }

    void aPortInUseIsSaid()
    {
        Door door;
        Listener second({}, {});
        const QString error = second.open(QHostAddress::LocalHost, door.port());
        QVERIFY2(error.startsWith(u"can't listen on 127.0.0.1:%1: "_s.arg(door.port())), qPrintable(error));
    }
};

QTEST_GUILESS_MAIN(TestHttpConnections)
#include "tst_http_connections.moc"
