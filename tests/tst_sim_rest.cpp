// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's REST API as a gateway sees it: calls made, changed and recorded, over real sockets; and its faults.
#include "sim/phone/form.h"
#include "sim/phonetest.h"
#include "sim/wire/base64.h"
#include "sim/wire/httpclient.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <arpa/inet.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

namespace {

struct Reply {
    HttpResult http;
    QJsonObject json;
};

// One request, as a gateway would send it; waits for the answer.
Reply ask(const Simulation &world, const std::string &method, const std::string &path, const Params &form = {},
          const std::string &token = "12345")
{
    Reactor reactor;
    HttpClient client(reactor);
    HttpCall call;
    call.method = method;
    call.endpoint.address.sin_family = AF_INET;
    call.endpoint.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    call.endpoint.address.sin_port = htons(world.restPort());
    call.host = "127.0.0.1";
    call.target = "/2010-04-01/Accounts/" + world.accountSid() + path;
    call.headers = {{"Authorization", "Basic " + toBase64(asBytes(world.accountSid() + ":" + token))},
                    {"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = toForm(form);
    Reply reply;
    client.send(std::move(call), [&](const HttpResult &result) {
        reply.http = result;
        reactor.quit();
    });
    reactor.run();
    reply.json = QJsonDocument::fromJson(QByteArray::fromStdString(reply.http.body)).object();
    return reply;
}

std::string sidOf(const Reply &reply)
{
    return reply.json.value(u"sid"_s).toString().toStdString();
}

// Until the call's status is this.
bool becomes(const Simulation &world, const std::string &sid, const QString &status, int milliseconds = 8000)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) {
        if (ask(world, "GET", "/Calls/" + sid + ".json").json.value(u"status"_s) == status)
            return true;
        QTest::qWait(20);
    }
    return false;
}

} // namespace

class TestSimRest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCallIsMade();
    void callsThatFail_data();
    void callsThatFail();
    void machinesAreDetected_data();
    void machinesAreDetected();
    void requestsAreChecked();
    void aLiveCallGetsAnotherDocument();
    void aLiveCallIsEnded();
    void endedCallsCannotBeChanged();
    void recordings();
    void faultsBefore();
    void faultsOfTheConnection();
    void connectionsAreKept();

private:
    static Params outbound(const PhoneRig &rig, const std::string &to = "+15551234");
    static std::unique_ptr<PhoneRig> rig();
};

std::unique_ptr<PhoneRig> TestSimRest::rig()
{
    auto made = std::make_unique<PhoneRig>();
    made->options.phone.rest = true;
    made->options.phone.outbound = PhoneRig::plan(1.5);
    return made;
}

Params TestSimRest::outbound(const PhoneRig &rig, const std::string &to)
{
    const std::string gateway = "http://127.0.0.1:" + std::to_string(rig.gatewayPort) + "/twilio/";
    return {{"To", to},
            {"From", "+97231234567"},
            {"Url", gateway + "voice"},
            {"StatusCallback", gateway + "status"},
            {"StatusCallbackEvent", "initiated"},
            {"StatusCallbackEvent", "ringing"},
            {"StatusCallbackEvent", "answered"},
            {"StatusCallbackEvent", "completed"}};
}

void TestSimRest::aCallIsMade()
{
    const auto rig = TestSimRest::rig();
    Reply made;
    const Verdict verdict = rig->run([&](Simulation &world) {
        made = ask(world, "POST", "/Calls.json", outbound(*rig));
        QVERIFY(becomes(world, sidOf(made), u"in-progress"_s));
        QVERIFY(becomes(world, sidOf(made), u"completed"_s));
    });
    QCOMPARE(made.http.status, 201);
    QCOMPARE(made.json.value(u"status"_s).toString(), u"queued"_s);
    QCOMPARE(made.json.value(u"direction"_s).toString(), u"outbound-api"_s);
    QVERIFY(made.json.value(u"queue_time"_s).isString());
    for (const auto &null : {u"duration"_s, u"price"_s, u"start_time"_s, u"end_time"_s, u"answered_by"_s})
        QVERIFY2(made.json.value(null).isNull(), qPrintable(null));
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    const CallRecord record = rig->record();
    QCOMPARE(record.phone.callSid, sidOf(made));
    QCOMPARE(record.phone.streams, 1);
    QCOMPARE(valueOf(rig->seenAt("/twilio/voice").front().params, "Direction"), std::string("outbound-api"));
    QCOMPARE(valueOf(rig->seenAt("/twilio/voice").front().params, "CallStatus"), std::string("in-progress"));
    std::string statuses;
    int sequence = 0;
    for (const ReferencePhone::Seen &seen : rig->seenAt("/twilio/status")) {
        statuses += valueOf(seen.params, "CallStatus") + " ";
        QCOMPARE(valueOf(seen.params, "SequenceNumber"), std::to_string(sequence++));
        QVERIFY(seen.signedRight);
    }
    QCOMPARE(statuses, std::string("initiated ringing in-progress completed "));
    QVERIFY(rig->restLog.front().path.ends_with("/Calls.json"));
    QCOMPARE(valueOf(rig->restLog.front().params, "To"), std::string("+15551234"));
}

void TestSimRest::callsThatFail_data()
{
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("status");
    QTest::newRow("busy") << u"+15550001"_s << u"busy"_s;
    QTest::newRow("no answer") << u"+15550002"_s << u"no-answer"_s;
    QTest::newRow("failed") << u"+15550003"_s << u"failed"_s;
    QTest::newRow("rings too long") << u"+15551234"_s << u"no-answer"_s;
}

void TestSimRest::callsThatFail()
{
    QFETCH(QString, to);
    QFETCH(QString, status);
    const auto rig = TestSimRest::rig();
    if (to.endsWith(u"1234"))
        rig->options.phone.dialling.answerMs = 5000;
    const Verdict verdict = rig->run([&](Simulation &world) {
        Params form = outbound(*rig, to.toStdString());
        form.emplace_back("Timeout", "1");
        QVERIFY(becomes(world, sidOf(ask(world, "POST", "/Calls.json", form)), status));
    });
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(PhoneRig::kinds(rig->record()), u"status:initiated, status:ringing, status:completed"_s);
    const Params last = rig->seenAt("/twilio/status").back().params;
    QCOMPARE(QString::fromStdString(valueOf(last, "CallStatus")), status);
    QCOMPARE(valueOf(last, "CallDuration"), std::string("0"));
    QVERIFY(rig->seenAt("/twilio/voice").empty());
}

void TestSimRest::machinesAreDetected_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<bool>("async");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("answeredBy");
    QTest::newRow("human") << u"Enable"_s << false << u"+15551234"_s << u"human"_s;
    QTest::newRow("machine") << u"Enable"_s << false << u"+15550004"_s << u"machine_start"_s;
    QTest::newRow("machine's end") << u"DetectMessageEnd"_s << false << u"+15550004"_s << u"machine_end_beep"_s;
    QTest::newRow("fax, async") << u"Enable"_s << true << u"+15550005"_s << u"fax"_s;
}

void TestSimRest::machinesAreDetected()
{
    QFETCH(QString, mode);
    QFETCH(bool, async);
    QFETCH(QString, to);
    QFETCH(QString, answeredBy);
    const auto rig = TestSimRest::rig();
    const Verdict verdict = rig->run([&](Simulation &world) {
        Params form = outbound(*rig, to.toStdString());
        form.emplace_back("MachineDetection", mode.toStdString());
        if (async) {
            form.emplace_back("AsyncAmd", "true");
            form.emplace_back("AsyncAmdStatusCallback",
                              "http://127.0.0.1:" + std::to_string(rig->gatewayPort) + "/twilio/amd");
        }
        QVERIFY(becomes(world, sidOf(ask(world, "POST", "/Calls.json", form)), u"completed"_s));
    });
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    const Params voice = rig->seenAt("/twilio/voice").front().params;
    QCOMPARE(has(voice, "AnsweredBy"), !async);
    const Params told = async ? rig->seenAt("/twilio/amd").front().params : voice;
    QCOMPARE(QString::fromStdString(valueOf(told, "AnsweredBy")), answeredBy);
    QCOMPARE(has(told, "MachineDetectionDuration"), async);
}

void TestSimRest::requestsAreChecked()
{
    const auto rig = TestSimRest::rig();
    rig->run([&](Simulation &world) {
        const auto refused = [&](const Params &form, int status, int code, const std::string &path = "/Calls.json") {
            const Reply reply = ask(world, "POST", path, form);
            QCOMPARE(reply.http.status, status);
            QCOMPARE(reply.json.value(u"code"_s).toInt(), code);
            QCOMPARE(reply.json.value(u"status"_s).toInt(), status);
        };
        refused({{"From", "+1"}, {"Url", "http://h/"}}, 400, 21201);
        refused({{"To", "+1"}, {"Url", "http://h/"}}, 400, 21213);
        refused({{"To", "+1"}, {"From", "+1"}}, 400, 21205);
        refused({{"To", "+1"}, {"From", "+1"}, {"Url", "http://h/"}, {"Twiml", "<Response/>"}}, 400, 21205);
        refused({{"To", "+1"}, {"From", "+1"}, {"Twiml", std::string(4001, 'x')}}, 400, 21205);
        refused({{"To", "+1"}, {"From", "+1"}, {"Url", "http://h/"}, {"StatusCallbackEvent", "ringing answered"}}, 400,
                21626);
        refused({{"Status", "completed"}}, 404, 20404, "/Calls/CA00000000000000000000000000000000.json");
        refused({}, 404, 20404, "/Calls/CA00000000000000000000000000000000/Recordings.json");
        QCOMPARE(ask(world, "GET", "/Calls/CA0.json").http.status, 404);
        const Reply stranger = ask(world, "POST", "/Calls.json", {}, "wrong");
        QCOMPARE(stranger.http.status, 401);
        QCOMPARE(stranger.json.value(u"code"_s).toInt(), 20003);
        QVERIFY(!stranger.http.head.header("www-authenticate").empty());
        QCOMPARE(ask(world, "DELETE", "/Calls.json").http.status, 405);
        QCOMPARE(ask(world, "GET", "/Bills.json").http.status, 404);
    });
    QVERIFY(rig->records.empty());
}

void TestSimRest::aLiveCallGetsAnotherDocument()
{
    const auto rig = TestSimRest::rig();
    rig->options.phone.outbound.seconds = 10;
    Reply changed;
    const Verdict verdict = rig->run([&](Simulation &world) {
        const std::string sid = sidOf(ask(world, "POST", "/Calls.json", outbound(*rig)));
        QVERIFY(becomes(world, sid, u"in-progress"_s));
        QTest::qWait(1000);
        changed = ask(world, "POST", "/Calls/" + sid + ".json",
                      {{"Twiml", "<Response><Dial><Number>+15559999</Number></Dial></Response>"}});
        QVERIFY(becomes(world, sid, u"completed"_s));
    });
    QCOMPARE(changed.http.status, 200);
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    const CallRecord record = rig->record();
    QCOMPARE(PhoneRig::verbs(record), u"Start/Recording, Connect/Stream, Dial: +15559999"_s);
    QVERIFY(!record.closedByGateway); // the carrier did
    QVERIFY(rig->seenAt("/twilio/after").empty());
}

void TestSimRest::aLiveCallIsEnded()
{
    const auto rig = TestSimRest::rig();
    rig->options.phone.outbound.seconds = 30;
    const Verdict verdict = rig->run([&](Simulation &world) {
        const std::string sid = sidOf(ask(world, "POST", "/Calls.json", outbound(*rig)));
        QCOMPARE(ask(world, "POST", "/Calls/" + sid + ".json", {{"Url", "http://h/"}}).http.status, 400);
        QVERIFY(becomes(world, sid, u"in-progress"_s));
        QTest::qWait(500);
        QCOMPARE(ask(world, "POST", "/Calls/" + sid + ".json", {{"Status", "canceled"}}).http.status, 400);
        const Reply ended = ask(world, "POST", "/Calls/" + sid + ".json", {{"Status", "completed"}});
        QCOMPARE(ended.http.status, 200);
        QCOMPARE(ended.json.value(u"status"_s).toString(), u"completed"_s);
        QVERIFY(ended.json.value(u"duration"_s).isString());
        const std::string ringing = sidOf(ask(world, "POST", "/Calls.json", outbound(*rig)));
        QCOMPARE(ask(world, "POST", "/Calls/" + ringing + ".json", {{"Status", "canceled"}}).http.status, 200);
        QVERIFY(becomes(world, ringing, u"canceled"_s));
    });
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(rig->records.size(), std::size_t(2));
    QVERIFY(rig->records.back().seconds < 5);
}

void TestSimRest::endedCallsCannotBeChanged()
{
    const auto rig = TestSimRest::rig();
    rig->run([&](Simulation &world) {
        const std::string sid = sidOf(
            ask(world, "POST", "/Calls.json", {{"To", "+15551234"}, {"From", "+1"}, {"Twiml", "<Response/>"}}));
        QVERIFY(becomes(world, sid, u"completed"_s));
        for (const Params &form : {Params{{"Status", "completed"}}, Params{{"Twiml", "<Response/>"}}}) {
            const Reply late = ask(world, "POST", "/Calls/" + sid + ".json", form);
            QCOMPARE(late.http.status, 400);
            QCOMPARE(late.json.value(u"code"_s).toInt(), 21220);
        }
        QCOMPARE(ask(world, "POST", "/Calls/" + sid + "/Recordings.json").json.value(u"code"_s).toInt(), 21220);
    });
}

void TestSimRest::recordings()
{
    const auto rig = TestSimRest::rig();
    rig->options.phone.restFaults.ineligible = 1;
    rig->gateway.documents["/twilio/voice"] = "<Response><Connect><Stream url=\"{stream}\"/></Connect></Response>";
    const Verdict verdict = rig->run([&](Simulation &world) {
        const std::string sid = sidOf(ask(world, "POST", "/Calls.json", outbound(*rig)));
        QVERIFY(becomes(world, sid, u"in-progress"_s));
        const Params form{
            {"RecordingChannels", "dual"},
            {"RecordingStatusCallback", "http://127.0.0.1:" + std::to_string(rig->gatewayPort) + "/twilio/recording"},
            {"RecordingStatusCallbackEvent", "in-progress completed"}};
        const std::string path = "/Calls/" + sid + "/Recordings.json";
        QCOMPARE(ask(world, "POST", path, form).json.value(u"code"_s).toInt(), 21220); // the first, on purpose
        const Reply made = ask(world, "POST", path, form);
        QCOMPARE(made.http.status, 201);
        QCOMPARE(made.json.value(u"channels"_s).toInt(), 2);
        QCOMPARE(made.json.value(u"source"_s).toString(), u"StartCallRecordingAPI"_s);
        QVERIFY(made.json.value(u"duration"_s).isNull());
        const std::string recording = sidOf(made);
        const std::string current = "/Calls/" + sid + "/Recordings/Twilio.CURRENT.json";
        QCOMPARE(ask(world, "POST", current, {{"Status", "paused"}}).json.value(u"status"_s).toString(), u"paused"_s);
        const Reply stopped = ask(world, "POST", "/Recordings/" + recording + ".json", {{"Status", "stopped"}});
        QCOMPARE(stopped.http.status, 200);
        QCOMPARE(ask(world, "POST", current, {{"Status", "paused"}}).http.status, 400);
        QVERIFY(becomes(world, sid, u"completed"_s));
    });
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(rig->seenAt("/twilio/recording").size(), std::size_t(2));
    QCOMPARE(valueOf(rig->seenAt("/twilio/recording").back().params, "RecordingStatus"), std::string("completed"));
}

void TestSimRest::faultsBefore()
{
    const auto rig = TestSimRest::rig();
    rig->options.phone.restFaults.first = 2;
    rig->options.phone.restFaults.status = 429;
    rig->options.phone.restFaults.retryAfter = 3;
    rig->options.phone.restFaults.delayMs = 200;
    rig->run([&](Simulation &world) {
        for (int i = 0; i < 2; ++i) {
            const Reply reply = ask(world, "POST", "/Calls.json", outbound(*rig));
            QCOMPARE(reply.http.status, 429);
            QCOMPARE(reply.json.value(u"code"_s).toInt(), 20429);
            QCOMPARE(reply.http.head.header("retry-after"), std::string("3"));
            QVERIFY(reply.http.took >= 200 * kMillisecond);
        }
        QCOMPARE(ask(world, "POST", "/Calls.json", outbound(*rig)).http.status, 201);
    });
    QCOMPARE(rig->records.size(), std::size_t(1));
    QCOMPARE(rig->restLog.at(1).status, 429);
    QVERIFY(!rig->restLog.at(1).applied);
    QVERIFY(rig->restLog.at(2).applied);
}

void TestSimRest::faultsOfTheConnection()
{
    const auto rig = TestSimRest::rig();
    rig->options.phone.restFaults.dropBefore = 1;
    rig->options.phone.restFaults.dropAfter = 1;
    rig->run([&](Simulation &world) {
        for (int i = 0; i < 2; ++i) {
            const Reply reply = ask(world, "POST", "/Calls.json", outbound(*rig));
            QCOMPARE(reply.http.failure, HttpResult::Failure::Broken);
        }
        QTRY_VERIFY_WITH_TIMEOUT(world.records().size() == 1, 8000); // the second was made nevertheless
    });
    QVERIFY(!rig->restLog.at(0).applied);
    QVERIFY(rig->restLog.at(1).applied);
    QCOMPARE(rig->restLog.at(1).status, 0);
}

void TestSimRest::connectionsAreKept()
{
    std::vector<std::string> parts;
    QVERIFY(fitsRoute("/A/*/Calls/*.json", "/A/AC1/Calls/CA2.json", parts));
    QCOMPARE(parts, (std::vector<std::string>{"AC1", "CA2"}));
    QVERIFY(!fitsRoute("/A/*/Calls/*.json", "/A/AC1/Calls/.json", parts));
    QVERIFY(!fitsRoute("/A/*", "/A/b/c", parts));
    QVERIFY(!fitsRoute("/A/*.json", "/A/b", parts));

    // Two requests at once on one connection, the second in pieces.
    Reactor reactor;
    HttpServer server(reactor);
    server.route("POST", "/echo/*", [&](const HttpRequest &request, const HttpServer::Answer &answer) {
        reactor.at(monotonicNs() + 20 * kMillisecond, [=] {
            answer({200, {}, request.parts.front() + ":" + request.body, false});
        });
    });
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(server.listen(address));
    auto socket = TcpStream::dial(address, 0);
    const std::string text = "POST /echo/a HTTP/1.1\r\nContent-Length: 1\r\n\r\nxPOST /echo/b HTTP/1.1\r\n"
                             "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nyz\r\n0\r\n\r\n";
    std::string got;
    const std::function<void()> step = [&, at = std::size_t(0)]() mutable {
        if (at < text.size())
            at += socket->write(std::string_view(text).substr(at, 70)).bytes;
        std::array<char, 4096> buffer{};
        const Stream::Outcome read = socket->read(buffer);
        got.append(buffer.data(), read.bytes);
        if (read.status == Stream::Status::Ended)
            reactor.quit();
    };
    std::function<void()> again = [&] {
        step();
        reactor.at(monotonicNs() + 5 * kMillisecond, again);
    };
    reactor.at(0, again);
    reactor.at(monotonicNs() + 5 * kSecond, [&] { reactor.quit(); });
    reactor.run();
    QVERIFY2(got.find("a:x") != std::string::npos && got.find("b:yz") > got.find("a:x"), got.c_str());
    QVERIFY(got.find("b:yz") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestSimRest)
#include "tst_sim_rest.moc"
