// SPDX-License-Identifier: GPL-3.0-or-later
// The REST client over real sockets: what it sends, what it makes of the answers, and how it ends.
#include "support/fakerest.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;
using namespace takt::test;

class TestRest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatIsSent();
    void placingACall();
    void errorsOfTheCarrier();
    void noSecretsInMessages();
    void redirectsAreNotFollowed();
    void largeAnswers_data();
    void largeAnswers();
    void connectionsAreKeptButForPlacing();
    void manyAtOnce();
    void badArguments();
    void destroyedClientSaysNothing();
    void destroyedWithinTheAnswer();
};

void TestRest::whatIsSent()
{
    FakeRest server({kWell});
    const QByteArray prefixed = server.url().toEncoded() + "/proxy/";
    Client client(QUrl(QString::fromLatin1(prefixed)));
    client.rest.hangUp(kCall, client.keep());
    QCOMPARE(client.answers, 0); // never from within
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(client.outcome.ok);
    QCOMPARE(client.outcome.httpStatus, 200);
    QCOMPARE(client.outcome.resource.value("status"_L1).toString(), u"completed"_s);
    client.rest.redirect(kCall, "<Response><Say>ä & +</Say></Response>", client.keep());
    QTRY_COMPARE(client.answers, 2);
    client.rest.redirectToUrl(kCall, u"https://gw.example/x?a=1&b"_s, client.keep());
    QTRY_COMPARE(client.answers, 3);
    client.rest.startRecording(kCall, u"https://gw.example/rec"_s, client.keep());
    QTRY_COMPARE(client.answers, 4);

    const QByteArray path = "POST /proxy" + kBase + "Calls/" + kCall.toLatin1();
    for (int i = 0; i < 4; ++i) {
        const auto &request = server.requests[i];
        QCOMPARE(request.line, QByteArray(path + (i < 3 ? ".json HTTP/1.1" : "/Recordings.json HTTP/1.1")));
        QCOMPARE(request.authorization,
                 QByteArray("Basic " + QByteArray(kAccount.toLatin1() + ':' + kToken).toBase64()));
        QVERIFY(request.head.contains("content-type: application/x-www-form-urlencoded"));
    }
    QCOMPARE(server.requests[0].form, (Form{{"Status", "completed"}}));
    QCOMPARE(server.requests[1].form, (Form{{"Twiml", "<Response><Say>ä & +</Say></Response>"}}));
    QCOMPARE(server.requests[2].form, (Form{{"Url", "https://gw.example/x?a=1&b"}, {"Method", "POST"}}));
    QCOMPARE(server.requests[3].form, (Form{{"RecordingChannels", "dual"},
                                            {"RecordingTrack", "both"},
                                            {"Trim", "do-not-trim"},
                                            {"RecordingStatusCallback", "https://gw.example/rec"},
                                            {"RecordingStatusCallbackMethod", "POST"},
                                            {"RecordingStatusCallbackEvent", "in-progress completed absent"}}));
}

void TestRest::placingACall()
{
    FakeRest server({http(201, "{\"sid\":\"CA1\",\"status\":\"queued\"}")});
    Client client(server.url());
    OutboundCall call = somebody();
    call.statusCallback = u"https://gw.example/status"_s;
    call.ringSeconds = 25;
    call.timeLimitSeconds = 900;
    call.amd = OutboundCall::Amd::DetectMessageEnd;
    call.asyncAmd = true;
    call.amdCallback = u"https://gw.example/amd"_s;
    client.rest.placeCall(call, client.keep());
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(client.outcome.ok);
    QCOMPARE(client.outcome.httpStatus, 201);
    QCOMPARE(client.outcome.resource.value("sid"_L1).toString(), u"CA1"_s);
    QCOMPARE(server.requests[0].line, QByteArray("POST " + kBase + "Calls.json HTTP/1.1"));
    QCOMPARE(server.requests[0].form, (Form{{"To", "+14155550100"},
                                            {"From", "+18005550111"},
                                            {"Url", "https://gw.example/twilio/voice?a=1&b=ü"},
                                            {"Method", "POST"},
                                            {"StatusCallback", "https://gw.example/status"},
                                            {"StatusCallbackMethod", "POST"},
                                            {"StatusCallbackEvent", "initiated"},
                                            {"StatusCallbackEvent", "ringing"},
                                            {"StatusCallbackEvent", "answered"},
                                            {"StatusCallbackEvent", "completed"},
                                            {"Timeout", "25"},
                                            {"TimeLimit", "900"},
                                            {"MachineDetection", "DetectMessageEnd"},
                                            {"AsyncAmd", "true"},
                                            {"AsyncAmdStatusCallback", "https://gw.example/amd"},
                                            {"AsyncAmdStatusCallbackMethod", "POST"}}));
    call = somebody();
    call.ringSeconds = 0;
    call.amd = OutboundCall::Amd::Detect;
    client.rest.placeCall(call, client.keep());
    QTRY_COMPARE(client.answers, 2);
    QCOMPARE(server.requests[1].form.mid(4), (Form{{"MachineDetection", "Enable"}}));
}

void TestRest::errorsOfTheCarrier()
{
    FakeRest server({failure(400, 21211, "The 'To' number is not valid.")});
    Client client(server.url());
    start(client, Place);
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(client.outcome.httpStatus, 400);
    QCOMPARE(client.outcome.code, 21211);
    QCOMPARE(client.outcome.message, u"The 'To' number is not valid."_s);
    QVERIFY(client.outcome.resource.isEmpty());
}

void TestRest::noSecretsInMessages()
{
    FakeRest server({failure(401, 20003, "Authenticate: " + kToken + QByteArray(5000, 'x'))});
    Client client(server.url());
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(!client.outcome.message.contains(QString::fromLatin1(kToken)));
    QVERIFY(client.outcome.message.startsWith(u"Authenticate: ***"_s));
    QVERIFY(client.outcome.message.size() <= 300);
}

void TestRest::redirectsAreNotFollowed()
{
    FakeRest elsewhere({kWell});
    for (const int status : {301, 302, 303, 307, 308}) {
        FakeRest server({http(status, "{}", "Location: " + elsewhere.url().toEncoded() + "/\r\n")});
        Client client(server.url());
        start(client, HangUp);
        QTRY_COMPARE(client.answers, 1);
        QVERIFY(!client.outcome.ok);
        QVERIFY(client.outcome.message.contains(u"redirected"_s));
        if (status < 307) { // the network library keeps the others to itself
            QCOMPARE(client.outcome.httpStatus, status);
            QCOMPARE(server.requests.size(), 1);
        }
    }
    QCOMPARE(elsewhere.connections, 0);
}

void TestRest::largeAnswers_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("ok");
    QTest::newRow("1 MiB") << 1024 * 1024 << true;
    QTest::newRow("a byte more") << 1024 * 1024 + 1 << false;
    QTest::newRow("20 MiB") << 20 * 1024 * 1024 << false;
}

void TestRest::largeAnswers()
{
    QFETCH(int, size);
    QFETCH(bool, ok);
    const QByteArray empty = "{\"x\":\"\"}";
    FakeRest server({http(200, "{\"x\":\"" + QByteArray(size - empty.size(), 'x') + "\"}")});
    Client client(server.url());
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(client.outcome.ok, ok);
    QCOMPARE(server.requests.size(), 1);
    if (!ok)
        QCOMPARE(client.outcome.message, u"the answer is too long"_s);
}

void TestRest::connectionsAreKeptButForPlacing()
{
    FakeRest server({kWell});
    Client client(server.url());
    for (int i = 1; i <= 3; ++i) {
        start(client, HangUp);
        QTRY_COMPARE(client.answers, i);
    }
    QCOMPARE(server.connections, 1);
    for (int i = 4; i <= 6; ++i) {
        start(client, Place);
        QTRY_COMPARE(client.answers, i);
        QCOMPARE(server.connections, i - 2);
        QVERIFY(server.requests.back().head.contains("connection: close"));
    }
}

void TestRest::manyAtOnce()
{
    FakeRest server({kWell});
    Client client(server.url());
    for (int i = 0; i < 100; ++i)
        start(client, HangUp);
    QTRY_COMPARE(client.answers, 100);
    QCOMPARE(server.requests.size(), 100);
    QVERIFY(server.connections <= 6);
}

void TestRest::badArguments()
{
    FakeRest server({kWell});
    Client client(server.url());
    for (const QString &sid : {QString(), u"CA1"_s, u"../Calls"_s, u"CA0123456789abcdef0123456789abcde/"_s})
        client.rest.hangUp(sid, client.keep());
    client.rest.redirect(kCall, QByteArray(4001, 'x'), client.keep());
    QCOMPARE(client.answers, 0);
    QTRY_COMPARE(client.answers, 5);
    QVERIFY(!client.outcome.ok);
    QVERIFY(!client.outcome.message.isEmpty());
    QCOMPARE(server.requests.size(), 0);
    client.rest.hangUp(kCall, {}); // nobody wants to know
    client.rest.hangUp(u"x"_s, {});
    QTRY_COMPARE(server.requests.size(), 1);
    Client nowhere{QUrl()};
    start(nowhere, HangUp);
    QTRY_COMPARE(nowhere.answers, 1);
    QVERIFY(!nowhere.outcome.ok);
}

void TestRest::destroyedClientSaysNothing()
{
    FakeRest server({kSilence, http(500)});
    int answers = 0;
    const auto count = [&answers](const RestOutcome &) { ++answers; };
    {
        RestTimes times = quick();
        times.firstBackoffMs = 100;
        times.maxBackoffMs = 200;
        Client client(server.url(), times);
        for (int i = 0; i < 20; ++i) // under way, waiting for their turn, waiting to be repeated
            client.rest.hangUp(kCall, count);
        client.rest.hangUp(u"x"_s, count);
        QTRY_VERIFY(server.requests.size() >= 6);
        answers = 0;
    }
    QTest::qWait(100); // what was sent before arrives
    const auto sent = server.requests.size();
    QTest::qWait(400);
    QCOMPARE(answers, 0);
    QCOMPARE(server.requests.size(), sent);
}

void TestRest::destroyedWithinTheAnswer()
{
    FakeRest server({kWell});
    for (const QString &sid : {kCall, u"not a SID"_s}) {
        auto *rest = new RestClient({server.url(), kAccount, kToken}, nullptr, quick());
        bool told = false;
        for (int i = 0; i < 20; ++i) {
            rest->hangUp(sid, [&](const RestOutcome &) {
                QVERIFY(!told);
                told = true;
                delete rest;
            });
        }
        QTRY_VERIFY(told);
    }
    QTest::qWait(50);
}

QTEST_GUILESS_MAIN(TestRest)
#include "tst_rest.moc"
