// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that we place, and what the carrier tells of calls: who takes a slot when, and when it is free again.
#include "frontdoor/reception.h"
#include "support/reception.h"
#include "telemetry/counters.h"

#include <QTest>

using namespace takt;
using namespace takt::frontdoor;
using namespace Qt::Literals::StringLiterals;
using test::bearerIn;
using test::business;
using test::callSid;
using test::outboundCall;
using test::ringing;
using test::status;
using test::verbs;

namespace {

const QString kShop = u"+15550000001"_s;
const QString kThem = u"+15550009999"_s;
const QStringList kHangup{u"Response"_s, u"Response/Hangup"_s};

struct Door {
    explicit Door(config::AdmissionSettings limits = {})
        : settings(test::settings(
            {business(u"shop"_s, {kShop, u"+15550000011"_s}, {0, 1}), business(u"bank"_s, {u"+15550000002"_s})},
            limits))
        , admission(limits)
        , reception(settings, admission)
    {
    }
    QString dial(const QString &business = u"shop"_s, qint64 nowMs = 0)
    {
        const auto dialling = reception.dial(kThem, business, nowMs);
        return dialling.ok() ? dialling->nonce : QString();
    }
    config::Settings settings;
    Admission admission;
    Reception reception;
};

} // namespace

class TestReceptionOutbound : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aWholeCall()
    {
        Door door;
        const auto dialling = door.reception.dial(u"+1 (555) 000-9999"_s, u"shop"_s, 0);
        QVERIFY(dialling.ok());
        QCOMPARE(dialling->to, kThem);
        QCOMPARE(dialling->from, kShop); // the business's first
        QCOMPARE(dialling->business->name, u"shop"_s);
        QCOMPARE(dialling->nonce.size(), 32);
        QCOMPARE(door.admission.held(u"shop"_s), 1); // from the order on
        QCOMPARE(door.reception.webhookUrl(u"voice"_s, dialling->nonce),
                 u"https://gw.example/twilio/voice?call="_s + dialling->nonce);
        const QByteArray twiml = door.reception.onVoice(outboundCall(1), dialling->nonce, 20'000);
        QVERIFY(verbs(twiml).contains(u"Response/Connect/Stream/Parameter name=direction value=outbound"_s));
        QCOMPARE(door.admission.held(), 1);
        QCOMPARE(door.reception.businessOf(callSid(1)), u"shop"_s);
        const auto pass = door.reception.onUpgrade(bearerIn(twiml), 21'000);
        QVERIFY(pass.ok());
        QCOMPARE(pass->direction, Direction::Outbound);
        QCOMPARE(pass->business->name, u"shop"_s);
        QCOMPARE(pass->callSid, callSid(1));
        QCOMPARE(pass->from, kShop);
        QCOMPARE(pass->to, kThem);
    }

    void orders_data()
    {
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("business");
        QTest::addColumn<QString>("mentions"); // empty: placed
        QTest::newRow("good") << kThem << u"bank"_s << QString();
        QTest::newRow("sip") << u"sip:a@b.example"_s << u"bank"_s << QString();
        QTest::newRow("no number") << u"911"_s << u"bank"_s << u"911 is no number"_s;
        QTest::newRow("nothing") << QString() << u"bank"_s << u"is no number"_s;
        QTest::newRow("nobody's business") << kThem << u"Shop"_s << u"no business \"Shop\""_s;
        QTest::newRow("which business") << kThem << QString() << u"name one"_s;
    }
    void orders()
    {
        QFETCH(QString, to);
        QFETCH(QString, business);
        QFETCH(QString, mentions);
        Door door;
        const auto dialling = door.reception.dial(to, business, 0);
        QCOMPARE(dialling.ok(), mentions.isEmpty());
        if (!dialling.ok())
            QVERIFY2(dialling.error().contains(mentions), qPrintable(dialling.error()));
        QCOMPARE(door.admission.held(), mentions.isEmpty() ? 1 : 0);
    }

    void withoutANumberToCallFrom()
    {
        const auto settings = test::settings({});
        Admission admission({});
        Reception reception(settings, admission);
        QVERIFY(reception.dial(kThem, {}, 0).error().contains("a number to call from"_L1));
        QCOMPARE(admission.held(), 0);
    }

    void limitsCountFromTheOrderOn()
    {
        Door door({0, 2, 0, 1});
        const QString shops = door.dial();
        QVERIFY(!shops.isEmpty());
        QVERIFY(door.reception.dial(kThem, u"shop"_s, 0).error().contains("outbound"_L1));
        QVERIFY(!door.dial(u"bank"_s).isEmpty());
        QVERIFY(door.dial(u"bank"_s).isEmpty());                                        // the gateway's two
        QVERIFY(!bearerIn(door.reception.onVoice(ringing(1, kShop), {}, 0)).isEmpty()); // inbound ones are no matter
        door.reception.onDialFailed(shops);
        door.reception.onDialFailed(shops);
        QCOMPARE(door.admission.held(), 2);
        QVERIFY(!door.dial(u"bank"_s).isEmpty());
        door.admission.setDraining(true);
        QCOMPARE(door.reception.dial(kThem, u"bank"_s, 0).error(), QString(name(Refusal::Draining)));
    }

    // The nonce is good for one call; a stranger's or a stale one gets nothing, no agent and no words of a business.
    void nonces()
    {
        Door door;
        const QString nonce = door.dial();
        QCOMPARE(verbs(door.reception.onVoice(outboundCall(1), u"guess"_s, 0)), kHangup);
        const QByteArray first = door.reception.onVoice(outboundCall(1), nonce, 0);
        QVERIFY(!bearerIn(first).isEmpty());
        QCOMPARE(verbs(door.reception.onVoice(outboundCall(2), nonce, 0)), kHangup);
        const QByteArray again = door.reception.onVoice(outboundCall(1), nonce, 0); // repeated by the carrier
        QVERIFY(!bearerIn(again).isEmpty());
        QCOMPARE(door.admission.held(), 1);
        QVERIFY(!door.reception.onUpgrade(bearerIn(first), 0).ok());
        QVERIFY(door.reception.onUpgrade(bearerIn(again), 0).ok());
        QCOMPARE(door.admission.held(), 0);
    }

    void anOrderThatNobodyAsksAbout()
    {
        Door door;
        const QString nonce = door.dial();
        door.reception.tick(3'599'999);
        QCOMPARE(door.admission.held(), 1);
        door.reception.tick(3'600'000);
        QCOMPARE(door.admission.held(), 0);
        QCOMPARE(verbs(door.reception.onVoice(outboundCall(1), nonce, 3'600'001)), kHangup);
    }

    // The carrier places one call a second, the others wait there: the time to answer begins with the ringing.
    void anOrderThatTheCarrierQueues()
    {
        Door door;
        const QString nonce = door.dial();
        door.reception.onStatus(status(1, u"initiated"_s), nonce, 1'000'000);
        door.reception.tick(1'149'999);
        QCOMPARE(door.admission.held(), 1);
        door.reception.tick(1'150'000);
        QCOMPARE(door.admission.held(), 0);
    }

    // The status of the call whose URL has the nonce frees its slot: it has no CallSid that we could know.
    void nobodyAnswered_data()
    {
        QTest::addColumn<QString>("status");
        QTest::addColumn<bool>("final");
        for (const char *word : {"completed", "busy", "failed", "no-answer", "canceled"})
            QTest::newRow(word) << QString::fromLatin1(word) << true;
        for (const char *word : {"queued", "initiated", "ringing", "in-progress", "answered", "", "nonsense"})
            QTest::newRow(word) << QString::fromLatin1(word) << false;
    }
    void nobodyAnswered()
    {
        QFETCH(QString, status);
        QFETCH(bool, final);
        Door door;
        const QString nonce = door.dial();
        const QString other = door.dial(u"bank"_s);
        QCOMPARE(door.reception.businessOf(callSid(1), nonce), u"shop"_s); // the call's report can say whose it was
        door.reception.onStatus(test::status(1, status), nonce, 1000);
        QCOMPARE(door.admission.held(u"shop"_s), final ? 0 : 1);
        QCOMPARE(door.admission.held(u"bank"_s), 1);
        QCOMPARE(bearerIn(door.reception.onVoice(outboundCall(1), nonce, 2000)).isEmpty(), final);
        QVERIFY(!other.isEmpty());
    }

    // A token of a call that is over lets nobody in.
    void theCallIsOverBeforeItsStream()
    {
        Door door;
        const QByteArray bearer = bearerIn(door.reception.onVoice(ringing(1, kShop), {}, 0));
        door.reception.onStatus(status(1, u"in-progress"_s), {}, 0);
        QCOMPARE(door.admission.held(), 1);
        CallReport leg = status(1, u"completed"_s);
        leg.parentCallSid = callSid(7); // the end of a leg is not the call's
        door.reception.onStatus(leg, {}, 0);
        QCOMPARE(door.admission.held(), 1);
        door.reception.onStatus(status(1, u"completed"_s), {}, 0);
        QCOMPARE(door.admission.held(), 0);
        QCOMPARE(door.reception.onUpgrade(bearer, 0).error(), u"unknown token"_s);
    }

    void theCarrierCouldNotStream()
    {
        Door door;
        StreamReport report;
        report.callSid = callSid(1);
        for (const bool error : {false, true}) {
            const QByteArray bearer = bearerIn(door.reception.onVoice(ringing(1, kShop), {}, 0));
            report.event = u"stream-started"_s;
            door.reception.onStream(report);
            // Late, of a stream that the call had before.
            report.event = u"stream-stopped"_s;
            door.reception.onStream(report);
            QCOMPARE(door.admission.held(), 1);
            report.event = u"stream-error"_s;
            if (error)
                door.reception.onStream(report);
            QCOMPARE(door.admission.held(), error ? 0 : 1);
            QCOMPARE(door.reception.onUpgrade(bearer, 0).ok(), !error);
        }
    }

    // Placed by somebody else in the account, with our voice URL and without a nonce: it belongs to the number that calls.
    void anOutboundCallOfSomebodyElse()
    {
        Door door;
        const QByteArray twiml = door.reception.onVoice(outboundCall(1), {}, 0);
        const auto pass = door.reception.onUpgrade(bearerIn(twiml), 0);
        QVERIFY(pass.ok());
        QCOMPARE(pass->business->name, u"shop"_s);
        QCOMPARE(pass->direction, Direction::Outbound);
        CallReport foreign = outboundCall(2);
        foreign.from = u"+15550000077"_s;
        foreign.to = kShop; // that it rings one of ours does not make it ours
        QVERIFY(bearerIn(door.reception.onVoice(foreign, {}, 0)).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestReceptionOutbound)
#include "tst_reception_outbound.moc"
