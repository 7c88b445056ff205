// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's webhooks over real sockets: what is let through, what is refused and how, and which facts come out of them.
#include "support/fakerest.h"
#include "support/house.h"
#include "telemetry/counters.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using carrier::Form;
using carrier::encodeForm;
using telemetry::Counter;
using telemetry::counted;
using test::House;
using test::ask;
using test::bearerIn;
using test::callSid;
using test::doorSettings;
using test::post;
using test::verbs;

namespace {

QByteArray signature(const QByteArray &target, const Form &form, const QByteArray &token = test::kAuthToken)
{
    return "X-Twilio-Signature: " + carrier::sign(token, "https://gw.example" + target, form) + "\r\n";
}

} // namespace

class TestFrontDoor : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void statuses_data();
    void statuses();
    void aMethodThatIsNot();
    void voice();
    void theAnswerWaitsForTheRecord();
    void noAnswerWaitsForLong();
    void whoHasGoneWaitsForNothing();
    void reports();
    void theEndOfACall();
    void afterTheStream();
    void tokensDuringRotation();
    void pathPrefixes_data();
    void pathPrefixes();
    void insecure();
    void outboundCalls();
    void machines();
    void withoutAnAccount();
    void aPortInUse();
};

void TestFrontDoor::statuses_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const Form form = House::call(1, {{"CallStatus", "in-progress"}});
    const QByteArray body = encodeForm(form);
    const QByteArray status = "/twilio/status";
    QTest::newRow("good") << post(status, body, signature(status, form)) << 204;
    QTest::newRow("good, with a query") << post(status + "?call=x&y=%20", body,
                                                signature(status + "?call=x&y=%20", form))
                                        << 204;
    for (const char *path : {"/twilio/recording", "/twilio/stream", "/twilio/amd"})
        QTest::newRow(path) << post(path, body, signature(path, form)) << 204;
    for (const char *path : {"/twilio/voice", "/twilio/after-stream"})
        QTest::newRow(path) << post(path, body, signature(path, form)) << 200;
    for (const char *path :
         {"/", "/twilio", "/twilio/", "/twilio/other", "/twilio/status/", "//twilio/status", "/TWILIO/status",
          "/mediax", "/twilio/../twilio/status", "/twilio/%73tatus", "http://gw.example/twilio/status", "*"})
        QTest::addRow("unknown: %s", path) << post(path, body, signature(path, form)) << 404;
    for (const char *path : {"/media", "/media/", "/media/CA1.x"})
        QTest::addRow("no upgrade: %s", path) << post(path, body, signature(path, form)) << 426;
    QTest::newRow("unsigned") << post(status, body) << 403;
    QTest::newRow("empty signature") << post(status, body, "X-Twilio-Signature: \r\n") << 403;
    QTest::newRow("another token") << post(status, body, signature(status, form, "guess")) << 403;
    QTest::newRow("no token") << post(status, body, signature(status, form, "")) << 403;
    QTest::newRow("another path") << post("/twilio/amd", body, signature(status, form)) << 403;
    QTest::newRow("another query") << post(status + "?call=2", body, signature(status + "?call=1", form)) << 403;
    QTest::newRow("a field more") << post(status, body + "&To=x", signature(status, form)) << 403;
    QTest::newRow("the wrong signature first")
        << post(status, body, "X-Twilio-Signature: x\r\n" + signature(status, form)) << 403;
    QTest::newRow("the body's end cut off") << post(status, body.chopped(1), signature(status, form)) << 403;
    QTest::newRow("a broken escape") << post(status, body + "&x=%zz", signature(status, form)) << 400;
    QTest::newRow("not UTF-8") << post(status, body + "&x=%ff", signature(status, form)) << 400;
    QTest::newRow("too many fields") << post(status, body + QByteArray("&x=1").repeated(300), signature(status, form))
                                     << 400;
    for (const char *path : {"/twilio/voice", "/twilio/recording", "/twilio/stream", "/twilio/status", "/twilio/amd",
                             "/twilio/after-stream"}) {
        QTest::addRow("no CallSid: %s", path) << post(path, {}, signature(path, {})) << 400;
        const Form bad{{"CallSid", "CA1'; DROP TABLE calls"}};
        QTest::addRow("bad CallSid: %s", path) << post(path, encodeForm(bad), signature(path, bad)) << 400;
    }
    QTest::newRow("too long") << post(status, QByteArray(70'000, 'x')) << 413;
    QTest::newRow("garbage") << "\x16\x03\x01"_ba << 400;
}

void TestFrontDoor::statuses()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    const qint64 refused = counted(Counter::SignaturesRefused);
    const qint64 accepted = counted(Counter::WebhooksAccepted);
    House house;
    QCOMPARE(house.error, QString());
    const auto client = ask(house.door.port(), request);
    QCOMPARE(client->status(), status);
    QCOMPARE(counted(Counter::SignaturesRefused) - refused, status == 403 ? 1 : 0);
    QCOMPARE(counted(Counter::WebhooksAccepted) - accepted, status / 100 == 2 ? 1 : 0);
    QCOMPARE(house.calls.size() + house.recordings.size() + house.streams.size(), status / 100 == 2 ? 1 : 0);
    QCOMPARE(house.admission.held(), 0);
    if (status == 426)
        QVERIFY(client->answer.contains("\r\nUpgrade: websocket\r\n"));
}

void TestFrontDoor::aMethodThatIsNot()
{
    House house;
    for (const QByteArray &method : {"GET"_ba, "PUT"_ba, "HEAD"_ba, "post"_ba}) {
        const auto client = ask(house.door.port(), method + " /twilio/voice HTTP/1.1\r\n\r\n");
        QCOMPARE(client->status(), 405);
        QVERIFY(client->answer.contains("\r\nAllow: POST\r\n"));
    }
}

void TestFrontDoor::voice()
{
    House house;
    const auto first = house.voice(1);
    QCOMPARE(first->status(), 200);
    QVERIFY(first->answer.contains("\r\nContent-Type: text/xml"));
    const QByteArray bearer = bearerIn(first->body());
    QVERIFY2(bearer.startsWith("CA000"), first->body().constData());
    QVERIFY(verbs(first->body()).contains(u"Response/Connect/Stream/Parameter name=from value=+15550009999"_s));
    QCOMPARE(house.calls.size(), 1);
    QCOMPARE(house.calls[0].callSid, callSid(1));
    QCOMPARE(house.calls[0].business, u"shop"_s);
    QCOMPARE(house.calls[0].direction, u"inbound"_s);
    QCOMPARE(house.calls[0].to, u"+15550000001"_s);
    QVERIFY(qAbs(house.calls[0].atMs - QDateTime::currentMSecsSinceEpoch()) < 60'000);
    QCOMPARE(house.door.tokensWaiting(), 1);
    const QByteArray again = bearerIn(house.voice(1)->body()); // the carrier repeats itself
    QVERIFY(!again.isEmpty() && again != bearer);
    QCOMPARE(house.admission.held(), 1);
    QVERIFY(!bearerIn(house.voice(2)->body()).isEmpty());
    QVERIFY(house.voice(3)->body().contains("shop is closed"));
    QCOMPARE(house.calls.last().business, u"shop"_s); // refused, and on record
    QVERIFY(house.voice(4, "+15550000003")->body().contains("Nobody is here"));
    QCOMPARE(house.calls.last().business, QString());
    QCOMPARE(house.calls.size(), 5);
}

// One that is given is a promise to remember.
void TestFrontDoor::theAnswerWaitsForTheRecord()
{
    const qint64 before = counted(Counter::AnswersBeforeRecord);
    House house;
    house.recordsAtOnce = false;
    const Form form = House::call(1, {{"CallStatus", "in-progress"}});
    std::vector<std::unique_ptr<test::HttpClient>> clients;
    for (const char *path : {"/twilio/voice", "/twilio/status", "/twilio/recording", "/twilio/stream"}) {
        clients.push_back(std::make_unique<test::HttpClient>(house.door.port()));
        clients.back()->send(post(path, encodeForm(form), signature(path, form)));
        QTRY_COMPARE(house.lastReceipt, clients.size());
    }
    QCOMPARE(house.calls.size() + house.recordings.size() + house.streams.size(), 4);
    QTest::qWait(20);
    for (const auto &client : clients)
        QCOMPARE(client->answer, QByteArray());
    house.door.onRecorded(2); // and what was told before it
    QVERIFY(clients[0]->waitAnswer() && clients[1]->waitAnswer());
    QCOMPARE(clients[0]->status() + clients[1]->status(), 200 + 204);
    QCOMPARE(clients[2]->answer + clients[3]->answer, QByteArray());
    house.door.onRecorded(4);
    QVERIFY(clients[2]->waitAnswer() && clients[3]->waitAnswer());
    QCOMPARE(counted(Counter::AnswersBeforeRecord), before);
}

// A database that is away is no reason for silence on the line.
void TestFrontDoor::noAnswerWaitsForLong()
{
    const qint64 before = counted(Counter::AnswersBeforeRecord);
    House house;
    house.recordsAtOnce = false;
    QElapsedTimer timer;
    timer.start();
    const auto voice = house.voice(1);
    QVERIFY2(timer.elapsed() >= frontdoor::HeldAnswers::kLongestMs * 9 / 10,
             qPrintable(QString::number(timer.elapsed())));
    QVERIFY(!bearerIn(voice->body()).isEmpty());
    QCOMPARE(counted(Counter::AnswersBeforeRecord) - before, 1);
    house.door.onRecorded(1); // at last: nobody waits for it
    QCOMPARE(house.webhook("/twilio/status", House::call(1, {{"CallStatus", "completed"}}))->status(), 204);
    QCOMPARE(counted(Counter::AnswersBeforeRecord) - before, 2);
    house.recordsAtOnce = true;
    QCOMPARE(house.voice(2)->status(), 200);
    QCOMPARE(counted(Counter::AnswersBeforeRecord) - before, 2);
}

void TestFrontDoor::whoHasGoneWaitsForNothing()
{
    House house;
    house.recordsAtOnce = false;
    const Form form = House::call(1, {{"CallStatus", "in-progress"}});
    {
        test::HttpClient client(house.door.port());
        client.send(post("/twilio/status", encodeForm(form), signature("/twilio/status", form)));
        QTRY_COMPARE(house.lastReceipt, 1U);
        client.socket->abort();
    }
    QTest::qWait(50);
    house.door.onRecorded(1);
    house.recordsAtOnce = true;
    QCOMPARE(house.voice(2)->status(), 200);
    QCOMPARE(house.calls.size(), 2); // what it told is kept
}

void TestFrontDoor::reports()
{
    House house;
    QCOMPARE(house
                 .webhook("/twilio/recording", House::call(1, {{"RecordingSid", "RE" + QByteArray(32, 'a')},
                                                               {"RecordingStatus", "completed"},
                                                               {"RecordingDuration", "12"},
                                                               {"RecordingUrl", "https://api.example/RE1"}}))
                 ->status(),
             204);
    QCOMPARE(house.recordings.size(), 1);
    QCOMPARE(house.recordings[0].callSid, callSid(1));
    QCOMPARE(house.recordings[0].status, u"completed"_s);
    QCOMPARE(house.recordings[0].durationSeconds, 12);
    QVERIFY(!bearerIn(house.voice(1)->body()).isEmpty());
    QCOMPARE(house.door.tokensWaiting(), 1);
    const Form error = House::call(1, {{"StreamSid", "MZ" + QByteArray(32, 'b')},
                                       {"StreamEvent", "stream-error"},
                                       {"StreamError", "31920 handshake"}});
    QCOMPARE(house.webhook("/twilio/stream", error)->status(), 204);
    QCOMPARE(house.streams.size(), 1);
    QCOMPARE(house.streams[0].event, u"stream-error"_s);
    QCOMPARE(house.streams[0].error, u"31920 handshake"_s);
    QCOMPARE(house.door.tokensWaiting(), 0); // it will not come
    QCOMPARE(house.admission.held(), 0);
    QCOMPARE(house.webhook("/twilio/amd", House::call(1, {{"AnsweredBy", "human"}}))->status(), 204);
    QCOMPARE(house.calls.last().answeredBy, u"human"_s);
    QCOMPARE(house.calls.last().business, u"shop"_s);
}

// Its stream may still be on its way: the end is told a little later.
void TestFrontDoor::theEndOfACall()
{
    House house;
    QVERIFY(!bearerIn(house.voice(1)->body()).isEmpty());
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(
        house.webhook("/twilio/status", House::call(1, {{"CallStatus", "completed"}, {"CallDuration", "7"}}))->status(),
        204);
    QCOMPARE(house.calls.last().durationSeconds, 7);
    QCOMPARE(house.admission.held(), 0);
    Q_UNUSED(house.webhook("/twilio/status",
                           House::call(2, {{"CallStatus", "completed"}, {"ParentCallSid", callSid(1).toLatin1()}})));
    Q_UNUSED(house.webhook("/twilio/status", House::call(3, {{"CallStatus", "ringing"}})));
    QVERIFY(house.finished.isEmpty());
    QTRY_COMPARE(house.finished, QStringList{callSid(1)});
    QVERIFY(timer.elapsed() > 1500);
    QTest::qWait(200);
    QCOMPARE(house.finished.size(), 1); // neither the leg nor the call that rings
}

void TestFrontDoor::afterTheStream()
{
    House house;
    Q_UNUSED(house.voice(1));
    const Form form = House::call(1, {{"CallStatus", "in-progress"}});
    QVERIFY(house.webhook("/twilio/after-stream", form)->body().contains("shop is closed"));
    house.door.onEnded(callSid(1), EndReason::AgentHangup);
    QCOMPARE(verbs(house.webhook("/twilio/after-stream", form)->body()).last(), u"Response/Hangup"_s);
    house.door.onEnded(callSid(1), EndReason::ModelFailed);
    QVERIFY(house.webhook("/twilio/after-stream", form)->body().contains("shop is closed"));
    const Form over = House::call(1, {{"CallStatus", "completed"}});
    QCOMPARE(verbs(house.webhook("/twilio/after-stream", over)->body()), QStringList{u"Response"_s});
    QCOMPARE(house.calls.last().status, u"completed"_s); // a report like any other
}

// While the account's token is changed both are good, and afterwards the old one is not; no restart in between.
void TestFrontDoor::tokensDuringRotation()
{
    House house;
    const Form form = House::call(1, {});
    const auto status = [&](const QByteArray &token) { return house.webhook("/twilio/status", form, token)->status(); };
    QCOMPARE(status("new"), 403);
    auto settings = doorSettings();
    settings.twilio.authTokens = {"new", test::kAuthToken};
    QCOMPARE(house.door.configure(settings), QString());
    QCOMPARE(status("new"), 204);
    QCOMPARE(status(test::kAuthToken), 204);
    settings.twilio.authTokens = {"new"};
    settings.publicUrl = QUrl(u"https://new.example"_s);
    QCOMPARE(house.door.configure(settings), QString());
    QCOMPARE(status(test::kAuthToken), 403);
    QCOMPARE(status("new"), 403); // signed for the old URL
    QCOMPARE(house.webhook("/twilio/status", form, "new", "https://new.example")->status(), 204);
}

// A proxy in front of us takes the public URL's path off, or leaves it; or there is none.
void TestFrontDoor::pathPrefixes_data()
{
    QTest::addColumn<QString>("publicUrl");
    QTest::addColumn<QByteArray>("signedUrl"); // before the target
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    const QString prefixed = u"https://gw.example/a%20b/c/"_s;
    const QByteArray host = "https://gw.example";
    QTest::newRow("taken off") << prefixed << host + "/a%20b/c"
                               << "/twilio/status"_ba << 204;
    QTest::newRow("left") << prefixed << host << "/a%20b/c/twilio/status"_ba << 204;
    QTest::newRow("another") << prefixed << host << "/a%20b/d/twilio/status"_ba << 404;
    QTest::newRow("half") << prefixed << host << "/a%20b/ctwilio/status"_ba << 404;
    QTest::newRow("twice") << prefixed << host << "/a%20b/c/a%20b/c/twilio/status"_ba << 404;
    QTest::newRow("not signed") << prefixed << host << "/twilio/status"_ba << 403;
    QTest::newRow("of our own words, taken off") << u"https://gw.example/twilio"_s << host + "/twilio"
                                                 << "/twilio/status"_ba << 204;
    QTest::newRow("of our own words, left")
        << u"https://gw.example/twilio"_s << host << "/twilio/twilio/status"_ba << 204;
    QTest::newRow("none") << u"https://gw.example/"_s << host << "/a/twilio/status"_ba << 404;
}

void TestFrontDoor::pathPrefixes()
{
    QFETCH(QString, publicUrl);
    QFETCH(QByteArray, signedUrl);
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    auto settings = doorSettings();
    settings.publicUrl = QUrl(publicUrl);
    House house(settings);
    QCOMPARE(house.webhook(target, House::call(1, {}), test::kAuthToken, signedUrl)->status(), status);
}

// Nobody signs; and without a public URL the simulator finds us where we listen.
void TestFrontDoor::insecure()
{
    auto settings = doorSettings();
    settings.insecure = true;
    settings.publicUrl = QUrl();
    settings.twilio.authTokens.clear();
    House house(settings);
    const Form form = House::call(1, {{"To", "+15550000001"}, {"Direction", "inbound"}});
    const auto client = ask(house.door.port(), post("/twilio/voice", encodeForm(form)));
    QCOMPARE(client->status(), 200);
    const QByteArray url = "ws://127.0.0.1:" + QByteArray::number(house.door.port()) + "/media/CA0";
    QVERIFY2(client->body().contains(url), client->body().constData());
    QCOMPARE(house.door.configure(settings), QString()); // which does not forget it
    QVERIFY(ask(house.door.port(), post("/twilio/voice", encodeForm(form)))->body().contains(url));
}

void TestFrontDoor::outboundCalls()
{
    test::FakeRest carrier({test::http(201, R"({"sid":"CA1","status":"queued"})"), test::failure(400, 21211, "no")});
    test::Client client(carrier.url());
    auto settings = doorSettings();
    settings.twilio.detectMachines = true;
    House house(settings, &client.rest);
    QStringList answers;
    const auto keep = [&](const Result<QString> &sid) { answers << (sid.ok() ? *sid : u"error: "_s + sid.error()); };
    house.door.placeCall(u"+15550009999"_s, u"shop"_s, keep);
    QTRY_COMPARE(answers, QStringList{u"CA1"_s});
    QCOMPARE(house.admission.held(), 1);
    const Form order = carrier.requests.at(0).form;
    QCOMPARE(carrier::value(order, "To"), u"+15550009999"_s);
    QCOMPARE(carrier::value(order, "From"), u"+15550000001"_s);
    const QString url = carrier::value(order, "Url");
    QVERIFY2(url.startsWith("https://gw.example/twilio/voice?call="_L1), qPrintable(url));
    const QString nonce = url.section(u'=', 1);
    QCOMPARE(carrier::value(order, "StatusCallback"), u"https://gw.example/twilio/status?call="_s + nonce);
    QCOMPARE(carrier::value(order, "AsyncAmdStatusCallback"), u"https://gw.example/twilio/amd?call="_s + nonce);
    const Form form = House::call(1, {{"Direction", "outbound-api"}, {"CallStatus", "in-progress"}});
    QVERIFY(!bearerIn(house.webhook("/twilio/voice?call=" + nonce.toLatin1(), form)->body()).isEmpty());
    QCOMPARE(
        verbs(house.webhook("/twilio/voice?call=x", House::call(2, {{"Direction", "outbound-api"}}))->body()).last(),
        u"Response/Hangup"_s);

    house.door.placeCall(u"+15550009999"_s, u"shop"_s, keep);
    QCOMPARE(house.admission.held(), 2);
    QTRY_COMPARE(answers.size(), 2);
    QVERIFY2(answers[1].startsWith("error: the carrier would not place the call: "_L1), qPrintable(answers[1]));
    QCOMPARE(house.admission.held(), 1);
    house.door.placeCall(u"911"_s, u"shop"_s, keep);
    QCOMPARE(answers.size(), 3); // at once
    QCOMPARE(carrier.requests.size(), 2);
}

// Rung up nobody; whoever did not answer is on record with the business that called.
void TestFrontDoor::machines()
{
    test::FakeRest carrier({test::http(201, R"({"sid":"CA1","status":"queued"})"), test::kWell});
    test::Client client(carrier.url());
    House house(doorSettings(), &client.rest);
    house.door.placeCall(u"+15550009999"_s, u"bank"_s, [](const auto &) {});
    QTRY_COMPARE(carrier.requests.size(), 1);
    const QByteArray nonce = carrier::value(carrier.requests.at(0).form, "Url").section(u'=', 1).toLatin1();
    const auto form = [](const QByteArray &status, const QByteArray &by) {
        return House::call(1, {{"Direction", "outbound-api"}, {"CallStatus", status}, {"AnsweredBy", by}});
    };
    Q_UNUSED(house.webhook("/twilio/status?call=" + nonce, form("ringing", "")));
    QCOMPARE(house.calls.last().business, u"bank"_s);
    Q_UNUSED(house.webhook("/twilio/amd", form("in-progress", "human")));
    QCOMPARE(verbs(house.webhook("/twilio/voice?call=" + nonce, form("in-progress", "machine_start"))->body()).last(),
             u"Response/Hangup"_s);
    QCOMPARE(house.calls.last().business, u"bank"_s);
    QCOMPARE(house.calls.last().answeredBy, u"machine_start"_s);
    QCOMPARE(carrier.requests.size(), 1);
    Q_UNUSED(house.webhook("/twilio/amd", form("in-progress", "machine_end_beep")));
    QTRY_COMPARE(carrier.requests.size(), 2);
    QVERIFY(carrier.requests.at(1).line.contains(callSid(1).toLatin1()));
    QCOMPARE(carrier::value(carrier.requests.at(1).form, "Status"), u"completed"_s);
    Q_UNUSED(house.webhook("/twilio/status?call=" + nonce, form("completed", "machine_start"))); // is over already
    QTest::qWait(100);
    QCOMPARE(carrier.requests.size(), 2);
    QCOMPARE(house.calls.last().business, u"bank"_s);
    QCOMPARE(house.admission.held(), 0);
}

void TestFrontDoor::withoutAnAccount()
{
    House house;
    QString error;
    house.door.placeCall(u"+15550009999"_s, u"shop"_s, [&](const Result<QString> &sid) { error = sid.error(); });
    QVERIFY(error.contains("TWILIO_ACCOUNT_SID"_L1));
    QCOMPARE(house.admission.held(), 0);
}

void TestFrontDoor::aPortInUse()
{
    House first;
    auto settings = doorSettings();
    settings.listen.port = first.door.port();
    House second(settings);
    QVERIFY2(second.error.contains("can't listen"_L1), qPrintable(second.error));
}

QTEST_GUILESS_MAIN(TestFrontDoor)
#include "tst_frontdoor.moc"
