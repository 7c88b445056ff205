// SPDX-License-Identifier: GPL-3.0-or-later
// Whole telephone calls over real sockets, between the simulated carrier and a gateway of which the faults are known:
// webhook, document, signed upgrade, media stream, action, callbacks; and every check broken once.
#include "sim/phone/form.h"
#include "sim/phonetest.h"

#include <QTest>

#include <algorithm>
#include <arpa/inet.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

Q_DECLARE_METATYPE(takt::sim::PhoneDefect)
Q_DECLARE_METATYPE(takt::sim::CallFault)

namespace {

bool broke(const Verdict &verdict, const QString &limit)
{
    return std::any_of(verdict.broken.begin(), verdict.broken.end(),
                       [&](const BrokenLimit &broken) { return broken.name == limit.toStdString(); });
}

} // namespace

class TestSimPhone : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aWholeCall_data();
    void aWholeCall();
    void theWebhookSaysAll();
    void theUpgradeIsTheCarriers();
    void everyDefectIsSeen_data();
    void everyDefectIsSeen();
    void attacksAreToldApart_data();
    void attacksAreToldApart();
    void replayIsToldApart();
    void theFallbackIsAsked();
    void theActionOrTheNextVerb_data();
    void theActionOrTheNextVerb();
    void aSecondStreamGoesOn();
    void theCallerGivesUp();
    void callbacksInDisorder();
    void lateCallbacksAreWaitedFor();
    void strangersAreNotTrusted_data();
    void strangersAreNotTrusted();
    void behindAProxy();
    void directOverTls();
    void manyCalls();
};

void TestSimPhone::aWholeCall_data()
{
    QTest::addColumn<bool>("tls");
    QTest::newRow("plain") << false;
    QTest::newRow("TLS") << true;
}

void TestSimPhone::aWholeCall()
{
    QFETCH(bool, tls);
    PhoneRig rig;
    rig.tls = tls;
    rig.options.phone.signWithoutPort = false;
    rig.options.plans = {PhoneRig::plan(2)};
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    const CallRecord record = rig.record();
    QVERIFY(record.connected);
    QVERIFY(record.completed);
    QCOMPARE(record.phone.status, std::string("completed"));
    QCOMPARE(record.phone.direction, std::string("inbound"));
    QCOMPARE(record.phone.streams, 1);
    QCOMPARE(PhoneRig::verbs(record), u"Start/Recording, Connect/Stream"_s);
    QCOMPARE(PhoneRig::kinds(record),
             u"recording:in-progress, stream-started, stream-stopped, status:completed, recording:completed"_s);
    QVERIFY(record.phone.twimlMs >= 0);
    for (const ReferencePhone::Seen &seen : rig.seen)
        QVERIFY2(seen.signedRight, seen.path.c_str());
    QVERIFY(record.phone.streamUrls.front().starts_with(tls ? "wss://127.0.0.1:" : "ws://127.0.0.1:"));
    QCOMPARE(verdict.phone.calls, 1);
    QCOMPARE(verdict.phone.callbacks, 5);
}

void TestSimPhone::theWebhookSaysAll()
{
    PhoneRig rig;
    rig.options.carrier.accountSid = "AC00000000000000000000000000000001";
    rig.options.plans = {PhoneRig::plan(1.2)};
    QVERIFY(rig.run().ok());
    const ReferencePhone::Seen voice = rig.seenAt("/twilio/voice").front();
    const Params expected{{"AccountSid", "AC00000000000000000000000000000001"},
                          {"CallSid", rig.record().phone.callSid},
                          {"From", "+972501234567"},
                          {"To", "+97231234567"},
                          {"Caller", "+972501234567"},
                          {"Called", "+97231234567"},
                          {"CallStatus", "ringing"},
                          {"Direction", "inbound"},
                          {"ApiVersion", "2010-04-01"},
                          {"FromCountry", "IL"},
                          {"FromCity", ""},
                          {"CalledZip", ""},
                          {"CallerState", ""}};
    for (const auto &[name, value] : expected) {
        QVERIFY2(has(voice.params, name), name.c_str());
        QCOMPARE(valueOf(voice.params, name), value);
    }
    QCOMPARE(voice.head.header("user-agent"), std::string("TwilioProxy/1.1"));
    QVERIFY(!voice.head.header("i-twilio-idempotency-token").empty());
    const ReferencePhone::Seen status = rig.seenAt("/twilio/status").front();
    for (const char *name : {"CallDuration", "Duration", "Timestamp", "SipResponseCode", "CallbackSource"})
        QVERIFY2(has(status.params, name), name);
    QCOMPARE(valueOf(status.params, "SequenceNumber"), std::string("0"));
    QCOMPARE(valueOf(status.params, "CallStatus"), std::string("completed"));
    const ReferencePhone::Seen recording = rig.seenAt("/twilio/recording").back();
    QCOMPARE(valueOf(recording.params, "RecordingChannels"), std::string("2"));
    QCOMPARE(valueOf(recording.params, "RecordingSid"), rig.record().phone.recordings.front());
    for (const char *name : {"From", "To", "CallStatus"})
        QVERIFY2(!has(recording.params, name), name);
    const ReferencePhone::Seen stream = rig.seenAt("/twilio/stream").front();
    QCOMPARE(valueOf(stream.params, "StreamEvent"), std::string("stream-started"));
    QCOMPARE(valueOf(stream.params, "StreamName"), std::string("agent"));
    QVERIFY(valueOf(stream.params, "StreamSid").starts_with("MZ"));
}

void TestSimPhone::theUpgradeIsTheCarriers()
{
    PhoneRig rig;
    rig.options.plans = {PhoneRig::plan(1)};
    QVERIFY(rig.run().ok());
    const HttpHead head = rig.seenAt("upgrade").front().head;
    QCOMPARE(head.header("user-agent"), std::string("Twilio.TmeWs/1.0"));
    QCOMPARE(head.header("x-twilio-signature").size(), std::size_t(28));
    for (const char *never : {"origin", "sec-websocket-protocol", "sec-websocket-extensions"})
        QVERIFY2(head.header(never).empty(), never);
}

void TestSimPhone::everyDefectIsSeen_data()
{
    QTest::addColumn<PhoneDefect>("defect");
    QTest::addColumn<QString>("limit");
    QTest::addColumn<QString>("notices");
    const auto row = [](const char *name, PhoneDefect defect, const char *limit, const char *notices) {
        QTest::newRow(name) << defect << QString::fromLatin1(limit) << QString::fromLatin1(notices);
    };
    row("unknown verb", PhoneDefect::UnknownVerb, "twiml-warnings", "12200");
    row("unknown attribute", PhoneDefect::UnknownAttribute, "twiml-warnings", "12200");
    row("broken XML", PhoneDefect::BrokenXml, "phone-errors", "12100");
    row("wrong type", PhoneDefect::WrongType, "phone-errors", "12300");
    row("server error", PhoneDefect::ServerError, "phone-errors", "11217");
    row("silent", PhoneDefect::Silent, "phone-errors", "11205");
    row("slow", PhoneDefect::Slow, "webhook-ms", "");
    row("refuses callbacks", PhoneDefect::RefusesStatus, "failed-callbacks", "11200, 11200, 11200, 11200, 11200");
    row("plain stream", PhoneDefect::PlainStream, "phone-errors", "31922");
    row("refuses streams", PhoneDefect::RefusesStreams, "refused-calls", "31920");
}

void TestSimPhone::everyDefectIsSeen()
{
    QFETCH(PhoneDefect, defect);
    QFETCH(QString, limit);
    QFETCH(QString, notices);
    PhoneRig rig;
    rig.gateway.defect = defect;
    rig.options.phone.allowWs = defect != PhoneDefect::PlainStream;
    rig.options.phone.webhookSeconds = defect == PhoneDefect::Slow ? 15 : 1;
    rig.options.limits.changed.erase(limit.toStdString()); // the one that must break stays as it is
    rig.options.plans = {PhoneRig::plan(1.2)};
    const Verdict verdict = rig.run();
    QVERIFY(rig.finished);
    QVERIFY2(broke(verdict, limit), qPrintable(verdict.text()));
    QCOMPARE(PhoneRig::notices(rig.record()), notices);
    QCOMPARE(rig.record().phone.status, std::string("completed"));
    if (defect == PhoneDefect::RefusesStreams)
        QCOMPARE(rig.record().phone.upgradeRefusal, 403);
}

void TestSimPhone::attacksAreToldApart_data()
{
    QTest::addColumn<CallFault>("fault");
    QTest::addColumn<int>("refused");  // by a gateway that checks
    QTest::addColumn<int>("admitted"); // by one that doesn't
    const auto row = [](CallFault fault, int refused, int admitted) {
        QTest::newRow(std::string(nameOf(fault)).c_str()) << fault << refused << admitted;
    };
    row(CallFault::BadSignature, 403, 200);
    row(CallFault::NoSignature, 403, 200);
    row(CallFault::BadUpgradeSignature, 403, 101);
    row(CallFault::NoUpgradeSignature, 403, 101);
    row(CallFault::CutToken, 403, 101);
    row(CallFault::ForeignCallSid, 101, 101); // the reference gateway looks at no start message
}

void TestSimPhone::attacksAreToldApart()
{
    QFETCH(CallFault, fault);
    QFETCH(int, refused);
    QFETCH(int, admitted);
    for (const bool checks : {true, false}) {
        PhoneRig rig;
        rig.gateway.defect = checks ? PhoneDefect::None : PhoneDefect::NeverChecks;
        CallPlan plan = PhoneRig::plan(1);
        plan.faults = {fault};
        rig.options.plans = {plan};
        const Verdict verdict = rig.run();
        QVERIFY2(verdict.ok(), qPrintable(verdict.text())); // an attack is not the gateway's fault
        QCOMPARE(verdict.faulted, 1);
        const std::vector<AttackRecord> attacks = rig.record().phone.attacks;
        QCOMPARE(attacks.size(), std::size_t(1));
        QCOMPARE(attacks.front().fault, std::string(nameOf(fault)));
        QCOMPARE(attacks.front().status, checks ? refused : admitted);
    }
}

void TestSimPhone::replayIsToldApart()
{
    for (const bool checks : {true, false}) {
        PhoneRig rig;
        rig.gateway.defect = checks ? PhoneDefect::None : PhoneDefect::NeverChecks;
        CallPlan plan = PhoneRig::plan(3);
        plan.faults = {CallFault::ReplayToken};
        rig.options.plans = {plan};
        const Verdict verdict = rig.run();
        QVERIFY(rig.finished);
        const std::vector<AttackRecord> attacks = rig.record().phone.attacks;
        QCOMPARE(attacks.size(), std::size_t(1));
        QCOMPARE(attacks.front().status, checks ? 403 : 101);
        QVERIFY(rig.record().completed); // the rightful one is not harmed
        QCOMPARE(verdict.calls, 1);
    }
}

void TestSimPhone::theFallbackIsAsked()
{
    PhoneRig rig;
    rig.gateway.defect = PhoneDefect::ServerError;
    rig.gateway.documents["/twilio/fallback"] = "<Response><Say>We are closed.</Say></Response>";
    rig.options.phone.fallbackUrl = "{http}://127.0.0.1:0/twilio/fallback";
    rig.options.plans = {PhoneRig::plan(5)};
    rig.run();
    QCOMPARE(PhoneRig::verbs(rig.record()), u"Say: We are closed."_s);
    const ReferencePhone::Seen asked = rig.seenAt("/twilio/fallback").front();
    QCOMPARE(valueOf(asked.params, "ErrorCode"), std::string("11217"));
    QVERIFY(valueOf(asked.params, "ErrorUrl").ends_with("/twilio/voice"));
}

void TestSimPhone::theActionOrTheNextVerb_data()
{
    QTest::addColumn<bool>("fallsThrough");
    QTest::addColumn<QString>("verbs");
    QTest::newRow("action") << false << u"Start/Recording, Connect/Stream, Say: Goodbye., Hangup"_s;
    QTest::newRow("next verb") << true << u"Start/Recording, Connect/Stream, Redirect"_s;
}

void TestSimPhone::theActionOrTheNextVerb()
{
    QFETCH(bool, fallsThrough);
    QFETCH(QString, verbs);
    PhoneRig rig;
    rig.defect = Defect::HangsUp; // the stream, after four seconds
    rig.options.phone.actionFallsThrough = fallsThrough;
    rig.options.limits.changed["closed-by-gateway"] = 1;
    rig.options.plans = {PhoneRig::plan(12)};
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(PhoneRig::verbs(rig.record()), verbs);
    QCOMPARE(rig.seenAt("/twilio/after").empty(), fallsThrough);
    QCOMPARE(valueOf(rig.record().phone.fetches.back().params, "CallStatus"), std::string("in-progress"));
}

void TestSimPhone::aSecondStreamGoesOn()
{
    PhoneRig rig;
    rig.gateway.documents["/twilio/after"] = "<Response><Connect><Stream url=\"{stream}\"/></Connect></Response>";
    rig.options.plans = {PhoneRig::plan(4)};
    rig.options.plans.front().faults = {CallFault::Reset}; // the network loses the first
    rig.options.plans.front().faultSeconds = 1;
    rig.run();
    const CallRecord record = rig.record();
    QCOMPARE(record.phone.streams, 2);
    QVERIFY(record.phone.streamUrls.at(0) != record.phone.streamUrls.at(1));
    QVERIFY(record.completed);
    QVERIFY2(record.seconds > 3, "both streams are counted");
    QCOMPARE(rig.records.size(), std::size_t(1));
    QCOMPARE(rig.seenAt("upgrade").size(), std::size_t(2));
}

void TestSimPhone::theCallerGivesUp()
{
    PhoneRig rig;
    rig.gateway.defect = PhoneDefect::Slow;
    rig.options.plans = {PhoneRig::plan(5)};
    rig.options.plans.front().abandonSeconds = 0.5;
    rig.run();
    QCOMPARE(rig.record().phone.status, std::string("no-answer"));
    QCOMPARE(PhoneRig::verbs(rig.record()), QString());
    QCOMPARE(PhoneRig::kinds(rig.record()), u"status:completed"_s);
}

void TestSimPhone::callbacksInDisorder()
{
    PhoneRig rig;
    rig.options.phone.disorder = {0.5, 0.5, 0, 1, 0, 0};
    for (int i = 0; i < 4; ++i)
        rig.options.plans.push_back(PhoneRig::plan(1.5));
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    int repeated = 0;
    int overtaken = 0;
    int empty = 0;
    for (const CallRecord &record : rig.records) {
        const std::vector<CallbackRecord> &callbacks = record.phone.callbacks;
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            repeated += callbacks[i].repeated ? 1 : 0;
            overtaken += i > 0 && callbacks[i].sentAtMs < callbacks[i - 1].sentAtMs ? 1 : 0;
            empty += has(callbacks[i].params, "From") && valueOf(callbacks[i].params, "From").empty() ? 1 : 0;
            if (callbacks[i].repeated)
                QCOMPARE(callbacks[i].idempotencyToken, callbacks[i - 1].idempotencyToken);
        }
    }
    QVERIFY(repeated > 0);
    QVERIFY(overtaken > 0);
    QVERIFY(empty > 0);
}

void TestSimPhone::lateCallbacksAreWaitedFor()
{
    PhoneRig rig;
    rig.options.phone.disorder.late = 1;
    rig.options.phone.disorder.lateSeconds = 1.5;
    rig.gateway.documents["/twilio/voice"] = "<Response/>";
    rig.options.plans = {PhoneRig::plan(1)};
    QVERIFY(rig.run().ok());
    QVERIFY(rig.record().phone.callbacks.front().sentAtMs >= 1500);
    QCOMPARE(rig.record().phone.callbacks.front().status, 204);
}

void TestSimPhone::strangersAreNotTrusted_data()
{
    QTest::addColumn<QString>("trouble");
    QTest::newRow("unknown issuer") << u"issuer"_s;
    QTest::newRow("another name") << u"name"_s;
    QTest::newRow("not asked for") << QString();
}

void TestSimPhone::strangersAreNotTrusted()
{
    QFETCH(QString, trouble);
    PhoneRig rig;
    rig.tls = true;
    const QTemporaryDir other;
    rig.options.phone.caFile = makeTestCertificate(other.path().toStdString()).certificateFile; // not the gateway's
    if (trouble == u"name") {
        rig.options.phone.caFile.clear();
        rig.gateway.publicHost = "gw.example";
        rig.options.phone.hosts["gw.example"].address.sin_family = AF_INET;
        rig.options.phone.hosts["gw.example"].address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        rig.options.phone.voiceUrl = "https://gw.example/twilio/voice";
    }
    rig.options.phone.verify = !trouble.isEmpty();
    rig.options.phone.statusUrl.clear();
    rig.options.plans = {PhoneRig::plan(1)};
    const Verdict verdict = rig.run();
    QCOMPARE(verdict.ok(), trouble.isEmpty());
    QCOMPARE(PhoneRig::notices(rig.record()), trouble.isEmpty() ? QString() : u"11237"_s);
}

void TestSimPhone::behindAProxy()
{
    PhoneRig rig;
    rig.proxied = true;
    rig.gateway.publicHost = "gw.example";
    HostTarget &host = rig.options.phone.hosts["gw.example"];
    host.address.sin_family = AF_INET;
    host.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    host.plain = true;
    rig.options.phone.voiceUrl = "https://gw.example/twilio/voice";
    rig.options.phone.statusUrl = "https://gw.example/twilio/status";
    rig.options.phone.allowWs = false;
    rig.options.plans = {PhoneRig::plan(1)};
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QVERIFY(rig.record().phone.streamUrls.front().starts_with("wss://gw.example/media/"));
    QCOMPARE(rig.seenAt("upgrade").front().head.header("host"), std::string("gw.example"));
}

void TestSimPhone::directOverTls()
{
    const QTemporaryDir folder;
    const TestCertificate certificate = makeTestCertificate(folder.path().toStdString());
    std::string error;
    SimulationOptions options = PhoneRig().options;
    options.phone.voiceUrl.clear();
    options.carrier.calls = 2;
    options.carrier.seconds = 6;
    options.carrier.interrupt = 0;
    options.carrier.tls = TlsContext::client(certificate.certificateFile, true, error);
    Simulation world(options);
    const auto modelPort = world.start();
    QVERIFY(bool(modelPort));
    ReferenceGateway gateway(Defect::None, {PhoneDefect::NeverChecks, {}, {}, true, {}},
                             TlsContext::server(certificate.certificateFile, certificate.keyFile, error));
    world.call(gateway.start(*modelPort));
    QVERIFY(world.waitUntilDone(20'000));
    const Verdict verdict = world.finish();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QVERIFY(verdict.frames > 0);
    QCOMPARE(verdict.phone.calls, 0);
}

void TestSimPhone::manyCalls()
{
    PhoneRig rig;
    rig.tls = true;
    rig.options.carrier.calls = 20;
    rig.options.carrier.seconds = 3;
    rig.options.carrier.ramp = 1;
    rig.options.phone.disorder = CallbackDisorder::wild();
    const Verdict verdict = rig.run();
    QVERIFY(rig.finished);
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(verdict.calls, 20);
    QCOMPARE(verdict.phone.statuses.at("completed"), 20);
}

QTEST_GUILESS_MAIN(TestSimPhone)
#include "tst_sim_phone.moc"
