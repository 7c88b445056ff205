// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of each call at the door: whose it is, its TwiML, and what its caller hears when no agent takes it.
#include "frontdoor/reception.h"
#include "support/reception.h"
#include "telemetry/counters.h"

#include <QTest>

using namespace takt;
using namespace takt::frontdoor;
using namespace Qt::Literals::StringLiterals;
using config::Fallback;
using telemetry::Counter;
using telemetry::counted;
using test::bearerIn;
using test::business;
using test::callSid;
using test::ringing;
using test::status;
using test::verbs;

namespace {

const QString kShop = u"+15550000001"_s;
const QString kBank = u"+15550000002"_s;
const QStringList kHangup{u"Response"_s, u"Response/Hangup"_s};
const QStringList kEmpty{u"Response"_s};

QStringList say(const QString &text)
{
    return {u"Response"_s, u"Response/Say: "_s + text};
}

// A door with two businesses; the shop takes two calls.
struct Door {
    explicit Door(config::Settings given = test::settings({business(u"shop"_s, {kShop}, {2, 0}),
                                                           business(u"bank"_s, {kBank})}))
        : settings(std::move(given))
        , admission(settings.admission)
        , reception(settings, admission)
    {
    }
    QByteArray voice(int n, const QString &to = kShop) { return reception.onVoice(ringing(n, to), {}, nowMs); }
    Result<carrier::Pass> upgrade(const QByteArray &bearer) { return reception.onUpgrade(bearer, nowMs); }

    config::Settings settings;
    Admission admission;
    Reception reception;
    qint64 nowMs = 0;
};

} // namespace

class TestReception : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void twimlOfAnInboundCall()
    {
        Door door;
        const QByteArray twiml = door.voice(1);
        const QByteArray bearer = bearerIn(twiml);
        const QString token = QString::fromLatin1(bearer.sliced(35));
        const QString head = u"Response/Connect/Stream/Parameter name="_s;
        QVERIFY(twiml.startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
        QCOMPARE(verbs(twiml),
                 (QStringList{u"Response"_s, u"Response/Start"_s,
                              u"Response/Start/Recording channels=dual "
                              "recordingStatusCallback=https://gw.example/twilio/recording "
                              "recordingStatusCallbackEvent=in-progress completed absent"_s,
                              u"Response/Connect action=https://gw.example/twilio/after-stream method=POST"_s,
                              u"Response/Connect/Stream url=wss://gw.example/media/"_s + QString::fromLatin1(bearer)
                                  + u" statusCallback=https://gw.example/twilio/stream statusCallbackMethod=POST"_s,
                              head + u"token value="_s + token, head + u"from value=+15550009999"_s,
                              head + u"to value="_s + kShop, head + u"direction value=inbound"_s,
                              u"Response/Say: shop is closed"_s}));
        QCOMPARE(door.admission.held(u"shop"_s), 1);
        QCOMPARE(door.reception.businessOf(callSid(1)), u"shop"_s);
        const auto pass = door.upgrade(bearer);
        QVERIFY(pass.ok());
        QCOMPARE(pass->token, token);
        QCOMPARE(pass->business->name, u"shop"_s);
        QCOMPARE(pass->direction, Direction::Inbound);
        QCOMPARE(pass->to, kShop);
        QVERIFY(pass->slot != nullptr);
    }

    void noRecordingWhereNoneIsWanted()
    {
        auto settings = test::settings({business(u"shop"_s, {kShop})});
        settings.twilio.record = false;
        Door door(settings);
        QVERIFY(!door.voice(1).contains("Recording"));
    }

    void publicUrls_data()
    {
        QTest::addColumn<QString>("publicUrl");
        QTest::addColumn<QString>("stream"); // up to the token
        QTest::addColumn<QString>("webhook");
        QTest::newRow("host") << u"https://gw.example"_s << u"wss://gw.example/media/"_s
                              << u"https://gw.example/twilio/status?call=n1"_s;
        QTest::newRow("slash") << u"https://gw.example/"_s << u"wss://gw.example/media/"_s
                               << u"https://gw.example/twilio/status?call=n1"_s;
        QTest::newRow("port") << u"https://gw.example:8443"_s << u"wss://gw.example:8443/media/"_s
                              << u"https://gw.example:8443/twilio/status?call=n1"_s;
        QTest::newRow("prefix") << u"https://gw.example/a/b"_s << u"wss://gw.example/a/b/media/"_s
                                << u"https://gw.example/a/b/twilio/status?call=n1"_s;
        QTest::newRow("prefix, slash") << u"https://gw.example/a%20b/"_s << u"wss://gw.example/a%20b/media/"_s
                                       << u"https://gw.example/a%20b/twilio/status?call=n1"_s;
        QTest::newRow("plain, IPv6") << u"http://[::1]:8080"_s << u"ws://[::1]:8080/media/"_s
                                     << u"http://[::1]:8080/twilio/status?call=n1"_s;
    }
    void publicUrls()
    {
        QFETCH(QString, publicUrl);
        QFETCH(QString, stream);
        QFETCH(QString, webhook);
        auto settings = test::settings({business(u"shop"_s, {kShop})});
        settings.publicUrl = QUrl(publicUrl);
        Door door(settings);
        const QByteArray twiml = door.voice(1);
        QVERIFY2(verbs(twiml)[4].contains(u" url="_s + stream + callSid(1) + u'.'), twiml.constData());
        QCOMPARE(door.reception.webhookUrl(u"status"_s, u"n1"_s), webhook);
        QCOMPARE(door.reception.webhookUrl(u"status"_s), webhook.chopped(8));
    }

    // Never another business's agent; no slot either.
    void anUnknownNumber_data()
    {
        QTest::addColumn<QString>("to");
        QTest::newRow("another") << u"+15550000003"_s;
        QTest::newRow("none") << QString();
        QTest::newRow("half of one") << kShop.chopped(1);
        QTest::newRow("anonymous") << u"anonymous"_s;
        QTest::newRow("a SIP address") << u"sip:shop@gw.example"_s;
    }
    void anUnknownNumber()
    {
        QFETCH(QString, to);
        Door door;
        const qint64 refused = counted(Counter::CallsRefusedNumber);
        QCOMPARE(verbs(door.voice(1, to)), say(u"Nobody is here"_s));
        QCOMPARE(counted(Counter::CallsRefusedNumber) - refused, 1);
        QCOMPARE(door.admission.held(), 0);
        QCOMPARE(door.reception.tokensWaiting(), 0);
        QCOMPARE(door.reception.businessOf(callSid(1)), QString());
        QCOMPARE(verbs(door.reception.onAfterStream(status(1, u"in-progress"_s))), say(u"Nobody is here"_s));
    }

    void oneGatewayWithoutBusinessesTakesEveryNumber()
    {
        Door door(test::settings({}));
        for (const QString &to : {u"+15550000003"_s, QString(), u"anonymous"_s})
            QVERIFY(!bearerIn(door.voice(1, to)).isEmpty());
        QCOMPARE(door.admission.held(), 1);
    }

    // Who is refused hears the business's own words.
    void aBusinessThatIsFull()
    {
        Door door;
        const QByteArray first = door.voice(1);
        QVERIFY(!bearerIn(door.voice(2)).isEmpty());
        QCOMPARE(verbs(door.voice(3)), say(u"shop is closed"_s));
        QCOMPARE(door.reception.businessOf(callSid(3)), u"shop"_s);
        QVERIFY(!bearerIn(door.voice(4, kBank)).isEmpty()); // the bank has room
        QVERIFY(!bearerIn(door.voice(1)).isEmpty());        // a repeated webhook is no further call
        QCOMPARE(door.admission.held(), 3);
        QCOMPARE(verbs(door.reception.onAfterStream(status(3, u"in-progress"_s))), say(u"shop is closed"_s));
        QVERIFY(!door.upgrade(bearerIn(first)).ok()); // replaced
    }

    void fallbacks_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("verb");
        QTest::newRow("number") << int(Fallback::Kind::Dial) << kBank << u"Response/Dial/Number: +15550000002"_s;
        QTest::newRow("sip") << int(Fallback::Kind::Dial) << u"sip:a@b.example"_s
                             << u"Response/Dial/Sip: sip:a@b.example"_s;
        QTest::newRow("redirect") << int(Fallback::Kind::Redirect) << u"https://b.example/x?a=1&b=2"_s
                                  << u"Response/Redirect method=POST: https://b.example/x?a=1&b=2"_s;
        QTest::newRow("sentence") << int(Fallback::Kind::Say) << u"<Hangup/> & \"שלום\""_s
                                  << u"Response/Say language=en-US: <Hangup/> & \"שלום\""_s;
    }
    void fallbacks()
    {
        QFETCH(int, kind);
        QFETCH(QString, value);
        QFETCH(QString, verb);
        auto settings = test::settings({business(u"shop"_s, {kShop}, {1, 0})});
        settings.fallback = {Fallback::Kind(kind), value, u"en-US"_s};
        Door door(settings);
        QCOMPARE(verbs(door.voice(1, kBank)).last(), verb);
    }

    void afterStream_data()
    {
        QTest::addColumn<int>("reason"); // -1: the call is not over for us
        QTest::addColumn<QString>("status");
        QTest::addColumn<QStringList>("expected");
        const QStringList sorry = say(u"shop is closed"_s);
        const auto row = [](const char *name, EndReason reason, const QStringList &expected) {
            QTest::newRow(name) << int(reason) << u"in-progress"_s << expected;
        };
        row("stop", EndReason::CarrierStop, kEmpty);
        row("completed", EndReason::CarrierCompleted, kEmpty);
        row("closed", EndReason::CarrierClosed, sorry);
        row("stalled", EndReason::CarrierStalled, sorry);
        row("protocol", EndReason::CarrierProtocol, sorry);
        row("no model", EndReason::ModelUnavailable, sorry);
        row("model failed", EndReason::ModelFailed, sorry);
        row("agent", EndReason::AgentHangup, kHangup);
        row("operator", EndReason::OperatorHangup, kHangup);
        row("shutdown", EndReason::Shutdown, sorry);
        QTest::newRow("never streamed") << -1 << u"in-progress"_s << sorry;
        QTest::newRow("the caller is gone") << int(EndReason::ModelFailed) << u"completed"_s << kEmpty;
        QTest::newRow("gone, never streamed") << -1 << u"no-answer"_s << kEmpty;
        QTest::newRow("no status") << int(EndReason::ModelFailed) << QString() << sorry;
    }
    void afterStream()
    {
        QFETCH(int, reason);
        QFETCH(QString, status);
        QFETCH(QStringList, expected);
        Door door;
        const auto pass = door.upgrade(bearerIn(door.voice(1)));
        QVERIFY(pass.ok());
        if (reason >= 0)
            door.reception.onEnded(callSid(1), EndReason(reason), 1000);
        QCOMPARE(verbs(door.reception.onAfterStream(test::status(1, status))), expected);
        QCOMPARE(verbs(door.reception.onAfterStream(test::status(2, u"in-progress"_s))), say(u"Nobody is here"_s));
    }

    // The carrier may ask again during a call (a fallback that leads back to us): the new stream is a new story.
    // An operator's target goes before the business's own, as long as the order stands.
    void whereAnOperatorPassesACallOn()
    {
        auto bikes = std::make_shared<config::Business>(*business(u"shop"_s, {kShop}));
        bikes->transferTo = u"+15558880001"_s;
        bikes->fallback = {Fallback::Kind::Dial, u"+15558880099"_s, {}};
        Door door(test::settings({bikes}));
        door.voice(1);
        const auto dialled = [&] { return verbs(door.reception.onAfterStream(status(1, u"in-progress"_s))).last(); };
        door.reception.onTransfer(callSid(1), u"+15558880099"_s);
        QVERIFY(door.reception.onEnded(callSid(1), EndReason::Transferred, 0));
        QCOMPARE(dialled(), u"Response/Dial/Number: +15558880099"_s);
        // Nobody was there, and the fallback is the same number: it is not dialled again.
        QCOMPARE(verbs(door.reception.onAfterDial(status(1, u"in-progress"_s), u"busy"_s)), kHangup);
        door.reception.onTransfer(callSid(1), {});
        QCOMPARE(dialled(), u"Response/Dial/Number: +15558880001"_s);
        QVERIFY(verbs(door.reception.onAfterDial(status(1, u"in-progress"_s), u"busy"_s)) != kHangup);
        door.reception.onTransfer(callSid(2), u"+15558880099"_s); // a call that the door doesn't know
    }

    void aSecondStreamOfACall()
    {
        Door door;
        auto first = door.upgrade(bearerIn(door.voice(1)));
        door.reception.onEnded(callSid(1), EndReason::AgentHangup, 1000);
        const auto second = door.upgrade(bearerIn(door.voice(1)));
        QVERIFY(second.ok());
        QCOMPARE(verbs(door.reception.onAfterStream(status(1, u"in-progress"_s))), say(u"shop is closed"_s));
        // The older stream's end is not the call's, whenever it is told.
        door.reception.onEnded(callSid(1), EndReason::Replaced, 2000);
        door.reception.tick(3'600'000);
        QCOMPARE(door.reception.businessOf(callSid(1)), u"shop"_s);
        QCOMPARE(verbs(door.reception.onAfterStream(status(1, u"in-progress"_s))), say(u"shop is closed"_s));
    }

    void callsAreForgotten()
    {
        Door door;
        QVERIFY(!door.voice(1).isEmpty()); // that never come
        const QByteArray bearer = bearerIn(door.voice(2));
        QVERIFY(!bearerIn(door.voice(3, kBank)).isEmpty());
        const auto pass = door.upgrade(bearer);
        door.reception.onStatus(status(3, u"completed"_s), {}, 0);
        door.reception.tick(599'999);
        for (int n : {1, 2, 3})
            QVERIFY(!door.reception.businessOf(callSid(n)).isEmpty());
        door.reception.tick(600'000);
        QCOMPARE(door.reception.businessOf(callSid(1)), QString());
        QCOMPARE(door.reception.businessOf(callSid(2)), u"shop"_s); // lives
        QCOMPARE(door.reception.businessOf(callSid(3)), QString());
        // Not even a call of whose end nobody tells stays for ever; the carrier's longest lasts a day.
        door.reception.tick(86'000'000);
        QCOMPARE(door.reception.businessOf(callSid(2)), u"shop"_s);
        door.reception.tick(88'000'000);
        QCOMPARE(door.reception.businessOf(callSid(2)), QString());
    }

    // A webhook repeated while its call goes on, with the business full: the call is not forgotten for that.
    void aRefusedRepetitionHarmsNoLiveCall()
    {
        Door door;
        const auto pass = door.upgrade(bearerIn(door.voice(1)));
        QVERIFY(!bearerIn(door.voice(2)).isEmpty());
        QCOMPARE(verbs(door.voice(1)), say(u"shop is closed"_s));
        door.reception.tick(3'600'000);
        QCOMPARE(door.reception.businessOf(callSid(1)), u"shop"_s);
    }

    void aReloadIsForNewCalls()
    {
        Door door;
        const QByteArray waiting = bearerIn(door.voice(1));
        auto settings = test::settings({business(u"bakery"_s, {kShop})});
        settings.publicUrl = QUrl(u"https://new.example"_s);
        door.reception.configure(settings);
        QCOMPARE(door.upgrade(waiting)->business->name, u"shop"_s);
        QCOMPARE(door.reception.businessOf(callSid(1)), u"shop"_s);
        QCOMPARE(verbs(door.reception.onAfterStream(status(1, u"in-progress"_s))), say(u"shop is closed"_s));
        const QByteArray twiml = door.voice(2);
        QVERIFY(twiml.contains("wss://new.example/"));
        QCOMPARE(door.upgrade(bearerIn(twiml))->business->name, u"bakery"_s);
        QCOMPARE(verbs(door.voice(3, kBank)), say(u"Nobody is here"_s));
    }

    void machines_data()
    {
        QTest::addColumn<QString>("answeredBy");
        QTest::addColumn<bool>("unwanted");
        for (const char *word :
             {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"})
            QTest::newRow(word) << QString::fromLatin1(word) << true;
        for (const char *word : {"human", "unknown", ""})
            QTest::newRow(word) << QString::fromLatin1(word) << false;
    }
    void machines()
    {
        QFETCH(QString, answeredBy);
        QFETCH(bool, unwanted);
        CallReport report = status(1, u"in-progress"_s);
        report.answeredBy = answeredBy;
        Door door;
        QCOMPARE(door.reception.unwantedMachine(report), unwanted);
        auto settings = door.settings;
        settings.twilio.hangUpOnMachines = false;
        door.reception.configure(settings);
        QVERIFY(!door.reception.unwantedMachine(report));
    }

    void insecureStreamsWithoutToken()
    {
        auto settings = test::settings({}, {1, 0, 0, 1});
        Door strict(settings);
        QCOMPARE(strict.upgrade({}).error(), u"no token"_s);
        settings.insecure = true;
        Door door(settings);
        const auto pass = door.upgrade({});
        QVERIFY(pass.ok());
        QVERIFY(pass->callSid.isEmpty() && pass->token.isEmpty() && pass->slot != nullptr);
        QVERIFY(door.upgrade({}).error().contains("max_calls"_L1)); // limits count all the same
        QCOMPARE(door.upgrade("CA1.guess"_ba).error(), u"unknown token"_s);
        auto two = test::settings({business(u"shop"_s, {kShop}), business(u"bank"_s, {kBank})});
        two.insecure = true;
        Door several(two);
        QVERIFY(several.upgrade({}).error().contains("several businesses"_L1));
        QCOMPARE(several.admission.held(), 0);
    }
};

QTEST_GUILESS_MAIN(TestReception)
#include "tst_reception.moc"
