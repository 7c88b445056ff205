// SPDX-License-Identifier: GPL-3.0-or-later
// TwiML as the simulated carrier reads it, and what it does with each verb: documents of a gateway over real sockets.
#include "sim/phone/form.h"
#include "sim/phone/twiml.h"
#include "sim/phonetest.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

class TestSimTwiml : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads();
    void complains_data();
    void complains();
    void refusesOtherTypes();
    void executes_data();
    void executes();
    void streamsThatCannotBe_data();
    void streamsThatCannotBe();
    void dialsAndTellsItsAction();
    void queriesAreCutOffStreams();
};

void TestSimTwiml::reads()
{
    const Twiml twiml = Twiml::parse(R"(<?xml version="1.0" encoding="UTF-8"?><Response><!-- words -->
        <Say language="he-IL">Shalom &amp; <emphasis>welcome</emphasis></Say>
        <Connect action="/after"><Stream url="wss://h/x"><Parameter name="a" value="1"/></Stream></Connect>
        <Dial callerId="+1"><Number statusCallback="https://h/s" statusCallbackEvent="ringing answered">+2</Number></Dial>
        </Response>)");
    QVERIFY(twiml.usable);
    QVERIFY2(twiml.notices.empty(), twiml.notices.empty() ? "" : twiml.notices.front().text.c_str());
    QCOMPARE(twiml.verbs.size(), std::size_t(3));
    QCOMPARE(twiml.verbs[0].text, std::string("Shalom & welcome"));
    QCOMPARE(twiml.verbs[1].child("Stream")->children.front().attribute("value"), std::string("1"));
    QCOMPARE(twiml.verbs[2].children.front().text, std::string("+2"));
}

void TestSimTwiml::complains_data()
{
    QTest::addColumn<QString>("inside");
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("usable");
    const auto row = [](const char *name, const char *inside, int code, bool usable) {
        QTest::newRow(name) << QString::fromLatin1(inside) << code << usable;
    };
    row("unknown verb", "<Dance/>", 12200, true);
    row("verb in the wrong place", "<Recording/>", 12200, true);
    row("lower case", "<say>x</say>", 12200, true);
    row("unknown attribute", "<Say colour=\"blue\">x</Say>", 12200, true);
    row("attribute of another verb", "<Hangup length=\"1\"/>", 12200, true);
    row("wrong method", "<Redirect method=\"PUT\">/x</Redirect>", 12200, true);
    row("wrong channels", "<Start><Recording channels=\"stereo\"/></Start>", 12200, true);
    row("wrong event", "<Start><Recording recordingStatusCallbackEvent=\"started\"/></Start>", 12200, true);
    row("not a number", "<Pause length=\"long\"/>", 12200, true);
    row("words in a verb without", "<Hangup>now</Hangup>", 12200, true);
    row("stream without url", "<Connect><Stream/></Connect>", 12200, true);
    row("relative statusCallback", "<Connect><Stream url=\"wss://h/\" statusCallback=\"/s\"/></Connect>", 12200, true);
    row("parameter without value", "<Connect><Stream url=\"wss://h/\"><Parameter name=\"a\"/></Stream></Connect>",
        12200, true);
    row("empty Connect", "<Connect/>", 12200, true);
    row("empty Redirect", "<Redirect/>", 12200, true);
    row("empty Dial", "<Dial/>", 12200, true);
    row("not closed", "<Say>", 12100, false);
    row("bare ampersand", "<Say>a & b</Say>", 12100, false);
    row("second root", "</Response><Response>", 12100, false);
}

void TestSimTwiml::complains()
{
    QFETCH(QString, inside);
    QFETCH(int, code);
    QFETCH(bool, usable);
    const Twiml twiml = Twiml::parse("<Response>" + inside.toStdString() + "</Response>");
    QCOMPARE(twiml.usable, usable);
    QCOMPARE(twiml.notices.size(), std::size_t(1));
    QCOMPARE(twiml.notices.front().code, code);
    QCOMPARE(twiml.notices.front().warning, usable);
    const std::string parameter(500, 'x');
    QCOMPARE(Twiml::parse("<Response><Connect><Stream url='wss://h/'><Parameter name='a' value='" + parameter
                          + "'/></Stream></Connect></Response>")
                 .notices.size(),
             std::size_t(1));
}

void TestSimTwiml::refusesOtherTypes()
{
    const char *text = "<Response/>";
    QVERIFY(Twiml::parse(text, "text/xml; charset=utf-8").usable);
    QVERIFY(Twiml::parse(text, "Application/XML").usable);
    QCOMPARE(Twiml::parse(text, "text/html").notices.front().code, 12300);
    QCOMPARE(Twiml::parse(text, "").notices.front().code, 12300);
    QCOMPARE(Twiml::parse("<Answer/>").notices.front().code, 12100);
    QCOMPARE(Twiml::parse("").notices.front().code, 12100);
    QCOMPARE(Twiml::parse("<Response><Say>" + std::string(70'000, 'x') + "</Say></Response>").notices.front().code,
             11750);
}

void TestSimTwiml::executes_data()
{
    QTest::addColumn<QString>("voice");
    QTest::addColumn<QString>("verbs");
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("notices");
    const auto row = [](const char *name, const char *voice, const char *verbs, const char *status = "completed",
                        const char *notices = "") {
        QTest::newRow(name) << QString::fromLatin1(voice) << QString::fromLatin1(verbs) << QString::fromLatin1(status)
                            << QString::fromLatin1(notices);
    };
    row("nothing", "", "");
    row("words and the end", "<Say>Hello</Say><Hangup/><Say>never</Say>", "Say: Hello, Hangup");
    row("a pause", "<Pause length=\"0\"/>", "Pause: 0");
    row("another document", "<Redirect>/twilio/after</Redirect><Say>never</Say>", "Redirect, Say: Goodbye., Hangup");
    row("a relative one by GET", "<Redirect method=\"GET\">after</Redirect>", "Redirect, Say: Goodbye., Hangup");
    row("refused as busy", "<Reject reason=\"busy\"/>", "Reject", "busy");
    row("refused", "<Reject/>", "Reject", "no-answer");
    row("nobody there", "<Dial>+15550002</Dial><Say>Sorry</Say>", "Dial: +15550002, Say: Sorry");
    row("somebody else", "<Dial><Sip>sip:a@b.example</Sip></Dial>", "Dial: sip:a@b.example");
    row("not simulated", "<Gather><Say>x</Say></Gather><Hangup/>", "Gather, Hangup", "completed", "12200");
    row("unknown", "<Dance/><Hangup/>", "Hangup", "completed", "12200");
    row("ends without a verb", "<Start><Recording/></Start>", "Start/Recording");
    row("a document that isn't there", "<Redirect>/nowhere</Redirect>", "Redirect, application error", "completed",
        "11217");
    row("stays in the queue until he hangs up", "<Enqueue>sales</Enqueue><Say>never</Say>", "Enqueue: sales");
    row("words until he hangs up", "<Say loop=\"1000\">Please hold the line, your call matters.</Say><Say>never</Say>",
        "Say: Please hold the line, your call matters.");
    row("a call until he hangs up", "<Dial>+15557777</Dial><Say>never</Say>", "Dial: +15557777");
}

void TestSimTwiml::executes()
{
    QFETCH(QString, voice);
    QFETCH(QString, verbs);
    QFETCH(QString, status);
    QFETCH(QString, notices);
    PhoneRig rig;
    rig.gateway.documents["/twilio/voice"] = "<Response>" + voice.toStdString() + "</Response>";
    rig.options.plans = {PhoneRig::plan(1.5)};
    if (voice.contains(u"+15557777"))
        rig.options.phone.dialling.talkSeconds = 60;
    const Verdict verdict = rig.run();
    QVERIFY(rig.finished);
    QCOMPARE(PhoneRig::verbs(rig.record()), verbs);
    QCOMPARE(QString::fromStdString(rig.record().phone.status), status);
    QCOMPARE(PhoneRig::notices(rig.record()), notices);
    QCOMPARE(verdict.ok(), notices.isEmpty());
    QCOMPARE(PhoneRig::kinds(rig.record()), u"status:completed"_s);
    QCOMPARE(QString::fromStdString(valueOf(rig.record().phone.callbacks.front().params, "CallStatus")), status);
}

void TestSimTwiml::streamsThatCannotBe_data()
{
    QTest::addColumn<QString>("stream");
    QTest::addColumn<QString>("code");
    QTest::newRow("ws") << u"url=\"ws://{host}/media/1\""_s << u"31922"_s;
    QTest::newRow("https") << u"url=\"https://{host}/media/1\""_s << u"31922"_s;
    QTest::newRow("not a URL") << u"url=\"wss://\""_s << u"31923"_s;
    QTest::newRow("both tracks") << u"track=\"both_tracks\" url=\"{stream}\""_s << u"31941"_s;
    QTest::newRow("nobody listens") << u"url=\"wss://127.0.0.1:1/x\""_s << u"31902"_s;
    QTest::newRow("not this machine") << u"url=\"wss://192.0.2.1/x\""_s << u"31902"_s;
    QTest::newRow("no TLS there") << u"url=\"wss://{host}/media/1\""_s << u"31910"_s;
}

void TestSimTwiml::streamsThatCannotBe()
{
    QFETCH(QString, stream);
    QFETCH(QString, code);
    PhoneRig rig;
    rig.options.phone.allowWs = code != u"31922";
    rig.gateway.documents["/twilio/voice"] = "<Response><Connect><Stream " + stream.toStdString()
                                             + " statusCallback=\"{http}://{host}/twilio/stream\"/></Connect>"
                                               "<Say>Sorry.</Say></Response>";
    rig.options.plans = {PhoneRig::plan(5)};
    const Verdict verdict = rig.run();
    QVERIFY(!verdict.ok());
    QCOMPARE(PhoneRig::notices(rig.record()), code);
    QCOMPARE(PhoneRig::verbs(rig.record()), u"Connect/Stream, Say: Sorry."_s); // it goes on
    QCOMPARE(PhoneRig::kinds(rig.record()), u"stream-error, status:completed"_s);
    const auto seen = rig.seenAt("/twilio/stream");
    QCOMPARE(seen.size(), std::size_t(1));
    QVERIFY(valueOf(seen.front().params, "StreamError").starts_with(code.toStdString()));
    QCOMPARE(verdict.refused, 1);
}

void TestSimTwiml::dialsAndTellsItsAction()
{
    PhoneRig rig;
    rig.gateway.documents["/twilio/voice"] =
        "<Response><Dial action=\"/twilio/dialled\" callerId=\"+97231234567\"><Number statusCallback="
        "\"{http}://{host}/twilio/leg\" statusCallbackEvent=\"initiated ringing answered completed\">+15551234</Number>"
        "</Dial><Say>never</Say></Response>";
    rig.gateway.documents["/twilio/dialled"] = "<Response><Say>Bye</Say></Response>";
    rig.options.plans = {PhoneRig::plan(10)};
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(PhoneRig::verbs(rig.record()), u"Dial: +15551234, Say: Bye"_s);
    QCOMPARE(PhoneRig::kinds(rig.record()),
             u"dial:initiated, dial:ringing, dial:answered, dial:completed, status:completed"_s);
    for (const ReferencePhone::Seen &leg : rig.seenAt("/twilio/leg")) {
        QCOMPARE(valueOf(leg.params, "ParentCallSid"), rig.record().phone.callSid);
        QVERIFY(valueOf(leg.params, "CallSid") != rig.record().phone.callSid);
        QCOMPARE(valueOf(leg.params, "Direction"), std::string("outbound-dial"));
        QCOMPARE(valueOf(leg.params, "From"), std::string("+97231234567"));
    }
    const auto action = rig.seenAt("/twilio/dialled");
    QCOMPARE(action.size(), std::size_t(1));
    QCOMPARE(valueOf(action.front().params, "DialCallStatus"), std::string("completed"));
    QCOMPARE(valueOf(action.front().params, "CallSid"), rig.record().phone.callSid);
}

void TestSimTwiml::queriesAreCutOffStreams()
{
    PhoneRig rig;
    rig.gateway
        .documents["/twilio/voice"] = "<Response><Connect><Stream url=\"{stream}?secret=1\"/></Connect></Response>";
    rig.options.plans = {PhoneRig::plan(1)};
    const Verdict verdict = rig.run();
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QVERIFY(rig.record().phone.streamUrls.front().find('?') == std::string::npos);
}

QTEST_GUILESS_MAIN(TestSimTwiml)
#include "tst_sim_twiml.moc"
