// SPDX-License-Identifier: GPL-3.0-or-later
// The admin port over real sockets: what a load balancer and a scraper see.
#include "admin/adminserver.h"
#include "support/httpclient.h"

#include <QTest>

#include <memory>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using admin::AdminServer;
using admin::Metrics;

namespace {

// The whole answer to one request; the server closes after it.
struct Answer {
    QByteArray head;
    QByteArray body;
};

Answer ask(quint16 port, const QByteArray &path, const QByteArray &method = "GET")
{
    const auto client = test::ask(port, method + ' ' + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return {client->answer.chopped(client->body().size()), client->body()};
}

} // namespace

class TestAdmin : public QObject
{
    Q_OBJECT
    using Deliver = std::function<void(const Metrics &)>;

    QStringList m_reasons;
    std::function<void(Deliver)> m_collect;
    std::unique_ptr<AdminServer> m_server;
    quint16 m_port = 0;

private Q_SLOTS:
    void init()
    {
        m_reasons.clear();
        m_collect = [](const Deliver &deliver) { deliver({}); };
        m_server = std::make_unique<AdminServer>([this] { return m_reasons; },
                                                 [this](Deliver deliver) { m_collect(std::move(deliver)); });
        QCOMPARE(m_server->open(QHostAddress::LocalHost, 0), QString());
        m_port = m_server->port();
        QVERIFY(m_port != 0);
    }
    void cleanup() { m_server.reset(); }

    void healthy()
    {
        m_reasons = {u"draining"_s}; // no matter of health
        const Answer answer = ask(m_port, "/healthz");
        QVERIFY(answer.head.startsWith("HTTP/1.1 200 OK\r\n"));
        QCOMPARE(answer.body, "ok\n"_ba);
        QCOMPARE(ask(m_port, "/healthz?verbose").body, "ok\n"_ba);
    }

    void ready()
    {
        QCOMPARE(ask(m_port, "/readyz").body, "ready\n"_ba);
        m_reasons = {u"draining"_s, u"the beat is late"_s};
        Answer answer = ask(m_port, "/readyz");
        QVERIFY(answer.head.startsWith("HTTP/1.1 503 "));
        QCOMPARE(answer.body, "draining\nthe beat is late\n"_ba);
        m_reasons.clear();
        answer = ask(m_port, "/readyz");
        QVERIFY(answer.head.startsWith("HTTP/1.1 200 OK\r\n"));
    }

    void metrics()
    {
        m_collect = [](const Deliver &deliver) {
            Metrics metrics;
            metrics.callsLive = 17;
            deliver(metrics);
        };
        const Answer answer = ask(m_port, "/metrics");
        QVERIFY(answer.head.startsWith("HTTP/1.1 200 OK\r\n"));
        QVERIFY(answer.head.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
        QVERIFY(answer.head.contains(QByteArray("\r\nContent-Length: " + QByteArray::number(answer.body.size()))));
        QVERIFY(answer.body.contains("\ntakt_calls_live 17\n"));
    }

    // As in life: the call worker answers a while later.
    void metricsThatComeLater()
    {
        Deliver later;
        m_collect = [&](Deliver deliver) { later = std::move(deliver); };
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_port);
        socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        QTRY_VERIFY(later != nullptr);
        QCOMPARE(ask(m_port, "/healthz").body, "ok\n"_ba); // others need not wait
        QCOMPARE(socket.bytesAvailable(), 0);
        later({});
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QVERIFY(socket.readAll().contains("\ntakt_calls_live 0\n"));
        later({}); // twice is once
    }

    void whoAskedHasGone()
    {
        Deliver later;
        m_collect = [&](Deliver deliver) { later = std::move(deliver); };
        {
            QTcpSocket socket;
            socket.connectToHost(QHostAddress::LocalHost, m_port);
            socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
            QTRY_VERIFY(later != nullptr);
            socket.abort();
        }
        QCOMPARE(ask(m_port, "/healthz").body, "ok\n"_ba);
        later({});
        m_server.reset();
        later({});
    }

    void metricsThatNeverCome()
    {
        m_collect = [](const Deliver &) {};
        QVERIFY(ask(m_port, "/metrics").head.startsWith("HTTP/1.1 503 "));
    }

    void headsOnly()
    {
        for (const char *path : {"/healthz", "/readyz", "/metrics"}) {
            const Answer answer = ask(m_port, path, "HEAD");
            QVERIFY(answer.head.startsWith("HTTP/1.1 200 OK\r\n"));
            QCOMPARE(answer.body, QByteArray());
        }
        m_reasons = {u"draining"_s};
        QVERIFY(ask(m_port, "/readyz", "HEAD").head.startsWith("HTTP/1.1 503 "));
    }

    void refusals_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("status");
        QTest::newRow("root") << "GET"_ba
                              << "/"_ba
                              << "404"_ba;
        QTest::newRow("another path") << "GET"_ba
                                      << "/media"_ba
                                      << "404"_ba;
        QTest::newRow("below") << "GET"_ba
                               << "/healthz/x"_ba
                               << "404"_ba;
        QTest::newRow("a longer word") << "GET"_ba
                                       << "/healthzz"_ba
                                       << "404"_ba;
        QTest::newRow("post") << "POST"_ba
                              << "/metrics"_ba
                              << "405"_ba;
        QTest::newRow("delete") << "DELETE"_ba
                                << "/healthz"_ba
                                << "405"_ba;
        QTest::newRow("unknown method") << "BREW"_ba
                                        << "/readyz"_ba
                                        << "405"_ba;
        QTest::newRow("post elsewhere") << "POST"_ba
                                        << "/x"_ba
                                        << "404"_ba;
    }
    void refusals()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, status);
        bool asked = false;
        m_collect = [&](const Deliver &) { asked = true; };
        const Answer answer = ask(m_port, path, method);
        QVERIFY2(answer.head.startsWith(QByteArray("HTTP/1.1 " + status + ' ')), answer.head.constData());
        QCOMPARE(answer.head.contains("\r\nAllow: GET, HEAD\r\n"), status == "405");
        QVERIFY(!asked);
    }

    void noUpgrades()
    {
        const auto answer = test::ask(m_port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                                              "Upgrade: websocket\r\n\r\n");
        QCOMPARE(answer->status(), 404);
    }

    void garbage()
    {
        QCOMPARE(test::ask(m_port, "\x16\x03\x01 hello\r\n\r\n")->status(), 400);
        QCOMPARE(ask(m_port, "/healthz").body, "ok\n"_ba);
    }

    void aPortInUseIsSaid()
    {
        AdminServer second([] { return QStringList(); }, [](const Deliver &) {});
        QVERIFY(second.open(QHostAddress::LocalHost, m_port).contains("can't listen"_L1));
    }
};

QTEST_GUILESS_MAIN(TestAdmin)
#include "tst_admin.moc"
