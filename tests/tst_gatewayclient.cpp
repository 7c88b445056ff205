// SPDX-License-Identifier: GPL-3.0-or-later
// The console's end of the protocol, against a gateway that comes, goes and misbehaves.
#include "console/fakegateway.h"
#include "console/gatewayclient.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using takt::console::GatewayClient;
using State = GatewayClient::State;

class TestGatewayClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_path = m_dir->filePath(u"takt.sock"_s);
        m_gateway = std::make_unique<FakeGateway>();
        m_client = std::make_unique<GatewayClient>();
        m_state = {};
        connect(m_client.get(), &GatewayClient::updated, this,
                [this](const QString &, const TopicUpdate &update) { apply(m_state, update); });
    }

    void connectsAsksAndHears()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_gateway->handlers[u"hangup"_s] = [](const QJsonObject &p) { return p; };
        m_client->subscribe(u"calls"_s); // before there is a connection
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        QCOMPARE(m_client->version(), u"9.9.9"_s);
        QVERIFY(m_client->offers(u"hangup"_s));
        QVERIFY(!m_client->offers(u"fly"_s));
        QString answer;
        m_client->ask(u"hangup"_s, {{"call_sid"_L1, "CA1"_L1}}, this,
                      [&](const Result<QJsonObject> &result) { answer = (*result)["call_sid"_L1].toString(); });
        QTRY_COMPARE(answer, u"CA1"_s);
        const TopicState truth{{{"live"_L1, 1}}, {{u"CA1"_s, {{"n"_L1, 1}}}}};
        m_gateway->publish(u"calls"_s, truth);
        QTRY_VERIFY(m_state == truth);
    }

    void aGatewayThatComesLaterIsFound()
    {
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Waiting);
        QVERIFY(!m_client->problem().isEmpty());
        QVERIFY(m_client->retryInMs() > 0);
        QCOMPARE(m_gateway->listen(m_path), QString());
        QTRY_COMPARE(m_client->state(), State::Connected);
    }

    void aLostConnectionIsMadeAnewWithItsSubscriptions()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->subscribe(u"calls"_s);
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        m_gateway->publish(u"calls"_s, {{}, {{u"CA1"_s, {{"n"_L1, 1}}}}});
        QTRY_COMPARE(m_state.rows.size(), 1);
        m_gateway->vanish();
        QTRY_COMPARE(m_client->state(), State::Waiting);
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_gateway->publish(u"calls"_s, {{}, {{u"CA2"_s, {{"n"_L1, 2}}}}}); // meanwhile the world went on
        QTRY_COMPARE(m_client->state(), State::Connected);
        QTRY_COMPARE(m_state.rows.keys(), QStringList{u"CA2"_s});
    }

    void whatWasAskedIsAnErrorWhenTheConnectionGoes()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        int errors = 0;
        m_client->ask(u"status"_s, {}, this, [&](const Result<QJsonObject> &result) { errors += !result; });
        m_gateway->vanish();
        QTRY_COMPARE(errors, 1);
        m_client->ask(u"status"_s, {}, this, [&](const Result<QJsonObject> &result) { errors += !result; });
        QCOMPARE(errors, 2); // at once: there is nobody
    }

    void nobodyIsToldWhoHasGone()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        bool told = false;
        {
            QObject context;
            m_client->ask(u"status"_s, {}, &context, [&](const auto &) { told = true; });
        }
        QTRY_COMPARE(m_gateway->requests.size(), 1);
        QTest::qWait(50);
        QVERIFY(!told);
    }

    void otherVersionsAreAState_data()
    {
        QTest::addColumn<QByteArray>("hello");
        QTest::newRow("newer") << R"({"type":"hello","protocol":2,"gateway":"3.0","features":["subscribe"]})"_ba;
        QTest::newRow("without subscriptions") << R"({"type":"hello","protocol":1,"gateway":"0.0.9"})"_ba;
    }
    void otherVersionsAreAState()
    {
        QFETCH(QByteArray, hello);
        m_gateway->hello = hello;
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Mismatch);
        QVERIFY(!m_client->version().isEmpty());
        m_gateway->vanish();
        m_gateway->hello = FakeGateway().hello; // it was replaced
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->retryNow();
        QTRY_COMPARE(m_client->state(), State::Connected);
    }

    void whatIsNoGatewayIsLeft_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("words") << "220 mail.example.com ready\n"_ba;
        QTest::newRow("binary") << QByteArray("\x00\xff\n", 3);
        QTest::newRow("an answer to nothing") << R"({"id":1,"result":{}})"_ba;
    }
    void whatIsNoGatewayIsLeft()
    {
        QFETCH(QByteArray, bytes);
        m_gateway->hello = bytes;
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Waiting);
        QVERIFY(!m_client->problem().isEmpty());
    }

    void nonsenseInMidStreamEndsTheConnectionAndItComesBack()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        QSignalSpy states(m_client.get(), &GatewayClient::stateChanged);
        m_gateway->sendRaw("nonsense\n");
        QTRY_VERIFY(states.size() >= 3); // lost, trying, there again
        QTRY_COMPARE(m_client->state(), State::Connected);
    }

    void unsubscribedIsUnheard()
    {
        QCOMPARE(m_gateway->listen(m_path), QString());
        m_client->subscribe(u"calls"_s);
        m_client->subscribe(u"calls"_s);
        m_client->open(m_path);
        QTRY_COMPARE(m_client->state(), State::Connected);
        m_client->unsubscribe(u"calls"_s);
        m_gateway->publish(u"calls"_s, {{{"n"_L1, 1}}, {}});
        QTRY_COMPARE(m_state.head["n"_L1].toInt(), 1); // one still wants it
        m_client->unsubscribe(u"calls"_s);
        QTRY_COMPARE(m_gateway->requests.back().method, u"unsubscribe"_s);
        m_gateway->publish(u"calls"_s, {{{"n"_L1, 2}}, {}});
        QTest::qWait(50);
        QCOMPARE(m_state.head["n"_L1].toInt(), 1);
    }

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_path;
    std::unique_ptr<FakeGateway> m_gateway;
    std::unique_ptr<GatewayClient> m_client;
    TopicState m_state;
};

QTEST_GUILESS_MAIN(TestGatewayClient)
#include "tst_gatewayclient.moc"
