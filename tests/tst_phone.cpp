// SPDX-License-Identifier: GPL-3.0-or-later
// Telephone calls through the whole gateway: webhooks, tokens, streams, callbacks and what callers hear when no agent
// takes them, with the simulated carrier over real sockets, plain and TLS.
#include "support/phonerig.h"
#include "telemetry/counters.h"

#include <QTimer>

using namespace takt;
using namespace takt::test;
using telemetry::Counter;
using telemetry::counted;

class TestPhone : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void callsAreAnsweredAndOnRecord_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plain, behind a proxy") << false;
        QTest::newRow("TLS in process") << true;
    }
    void callsAreAnsweredAndOnRecord()
    {
        QFETCH(bool, tls);
        QTemporaryDir dir;
        const sim::TestCertificate certificate = sim::makeTestCertificate(dir.path().toStdString());
        sim::SimulationOptions options = phoneWorld(tls);
        options.phone.caFile = certificate.certificateFile;
        options.phone.hosts["gateway.test"].plain = !tls;
        options.phone.verify = false; // the certificate is for 127.0.0.1
        options.phone.disorder = sim::CallbackDisorder::wild();
        for (int i = 0; i < 3; ++i)
            options.plans.push_back(phonePlan(4, i == 0 ? kDentist : kBikes));
        PhoneSettings settings;
        settings.common = [&](config::Settings &s) {
            if (tls)
                s.tls = {QString::fromStdString(certificate.certificateFile),
                         QString::fromStdString(certificate.keyFile)};
        };
        Rig rig(options, settings);
        const sim::Verdict verdict = rig.run();
        QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
        QVERIFY(rig.finished);
        for (const sim::CallRecord &record : rig.simulation.records()) {
            QVERIFY2(verbs(record).startsWith("Start/Recording, Connect/Stream"_L1), qPrintable(verbs(record)));
            QCOMPARE(record.phone.status, std::string("completed"));
        }
        QTRY_COMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
        QCOMPARE(rig.ask(u"SELECT COUNT(*) FROM calls WHERE carrier_status = 'completed' AND direction = 'inbound' AND "
                         "from_number = '+15550009999' AND ended_at_ms IS NOT NULL"_s)
                     .toInt(),
                 3);
    }

    void everyCallIsItsOwnBusiness()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {phonePlan(2, kDentist), phonePlan(2, kBikes), phonePlan(2, "+15557770000")};
        PhoneSettings settings;
        settings.businesses = [](config::Business &, config::Business &dentist) { dentist.limits.calls = 1; };
        Rig rig(options, settings);
        rig.run();
        QStringList heard;
        for (const sim::CallRecord &record : rig.simulation.records()) {
            if (record.phone.to == "+15557770000")
                QCOMPARE(verbs(record), u"Say: Nobody is here."_s);
        }
        QCOMPARE(
            rig.ask(u"SELECT COUNT(*) FROM calls WHERE business = 'Dentist' AND to_number = '+15551230012'"_s).toInt(),
            1);
    }

    void moreCallsThanAllowedHearTheFallback()
    {
        sim::SimulationOptions options = phoneWorld();
        for (int i = 0; i < 4; ++i) {
            options.plans.push_back(phonePlan(3, kDentist));
            options.plans.back().startSeconds = 0.1 * i;
        }
        PhoneSettings settings;
        settings.businesses = [](config::Business &, config::Business &dentist) { dentist.limits.calls = 2; };
        Rig rig(options, settings);
        rig.run();
        int refused = 0;
        for (const sim::CallRecord &record : rig.simulation.records())
            refused += verbs(record) == u"Say: The dentist is away."_s ? 1 : 0;
        QCOMPARE(refused, 2);
    }

    void attackersStayOutside()
    {
        sim::SimulationOptions options = phoneWorld();
        for (const sim::CallFaultInfo &info : sim::allPhoneFaults()) {
            sim::CallPlan plan = phonePlan(2);
            plan.faults = {info.fault};
            options.plans.push_back(plan);
        }
        options.plans.push_back(phonePlan(3));
        Rig rig(options, PhoneSettings());
        rig.run();
        QVERIFY(rig.finished);
        std::size_t attacks = 0;
        for (const sim::CallRecord &record : rig.simulation.records()) {
            for (const sim::AttackRecord &attack : record.phone.attacks) {
                ++attacks;
                const QByteArray what = QByteArray::fromStdString(attack.fault) + " was answered with "
                                        + QByteArray::number(attack.status) + ", closed with "
                                        + QByteArray::number(attack.closeCode);
                // What can only be seen in `start` is let in as far as that, and hears nothing.
                const bool inside = attack.fault == sim::nameOf(sim::CallFault::ForeignCallSid);
                QVERIFY2(inside ? attack.closeCode == 1008 : attack.status == 403, what.constData());
                QCOMPARE(attack.heard, 0);
            }
        }
        QCOMPARE(attacks, sim::allPhoneFaults().size());
        QTRY_COMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
    }

    void anAgentThatFailsLeavesNobodyAlone()
    {
        sim::SimulationOptions options = phoneWorld();
        options.model.faults.refuseStatus = 401;
        options.plans = {phonePlan(5)};
        Rig rig(options, PhoneSettings());
        rig.run();
        const std::vector<sim::CallRecord> records = rig.simulation.records();
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY2(verbs(records[0]).endsWith("Connect/Stream, Say: The bike shop is closed."_L1),
                 qPrintable(verbs(records[0])));
    }

    void theAgentHangsUpOrPassesOn_data()
    {
        QTest::addColumn<QString>("tool");
        QTest::addColumn<QString>("then");
        QTest::addColumn<QString>("reason");
        QTest::newRow("end_call") << u"end_call"_s << u"Hangup"_s << u"agent_hangup"_s;
        QTest::newRow("transfer_call") << u"transfer_call"_s << u"Dial: +15558880099, Hangup"_s << u"transferred"_s;
        QTest::newRow("transfer_call to a busy line")
            << u"transfer_call"_s << u"Dial: +15558880001, Say: The bike shop is closed."_s << u"transferred"_s;
    }
    void theAgentHangsUpOrPassesOn()
    {
        QFETCH(QString, tool);
        QFETCH(QString, then);
        QFETCH(QString, reason);
        sim::SimulationOptions options = phoneWorld();
        options.model.toolCallChance = 1;
        options.plans = {phonePlan(12)};
        PhoneSettings settings;
        settings.businesses = [&](config::Business &bikes, config::Business &) {
            bikes.speech.tools = {tool};
            bikes.transferTo = then.contains(u"0001"_s) ? u"+15558880001"_s : u"+15558880099"_s;
        };
        Rig rig(options, settings);
        rig.run();
        const std::vector<sim::CallRecord> records = rig.simulation.records();
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY2(verbs(records[0]).contains(u"Connect/Stream, "_s + then), qPrintable(verbs(records[0])));
        QCOMPARE(rig.ask(u"SELECT end_reason FROM calls WHERE direction = 'inbound'"_s).toString(), reason);
    }

    void outboundCalls_data()
    {
        QTest::addColumn<QString>("number");
        QTest::addColumn<QString>("status");
        QTest::addColumn<int>("streams");
        QTest::newRow("answered") << u"+15558880099"_s << u"completed"_s << 1;
        QTest::newRow("busy") << u"+15558880001"_s << u"busy"_s << 0;
        QTest::newRow("nobody there") << u"+15558880002"_s << u"no-answer"_s << 0;
        QTest::newRow("failed") << u"+15558880003"_s << u"failed"_s << 0;
        QTest::newRow("a machine") << u"+15558880004"_s << u"completed"_s << 1;
    }
    void outboundCalls()
    {
        QFETCH(QString, number);
        QFETCH(QString, status);
        QFETCH(int, streams);
        sim::SimulationOptions options = phoneWorld();
        options.phone.outbound.seconds = 3;
        PhoneSettings settings;
        settings.common = [](config::Settings &s) { s.twilio.detectMachines = true; };
        Rig rig(options, settings);
        rig.begin();
        const QJsonObject placed = rig.operate(control::kCall, {{"to"_L1, number}, {"business"_L1, "Bikes"_L1}});
        const QString callSid = placed["call_sid"_L1].toString();
        QVERIFY2(callSid.startsWith("CA"_L1), qPrintable(placed["error"_L1].toString()));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        const std::vector<sim::CallRecord> records = rig.simulation.records();
        QCOMPARE(records.size(), std::size_t(1));
        QCOMPARE(QString::fromStdString(records[0].phone.status), status);
        QCOMPARE(records[0].phone.streams, streams);
        QTRY_COMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
        QCOMPARE(
            rig.ask(u"SELECT direction || ' ' || business || ' ' || carrier_status FROM calls WHERE call_sid = '%1'"_s
                        .arg(callSid))
                .toString(),
            u"outbound Bikes "_s + status);
    }

    // The carrier has placed the call and its answer got lost: who picks up hears the agent, and not a hang-up.
    void anOrderInDoubtIsKnownWhenItComes()
    {
        sim::SimulationOptions options = phoneWorld();
        options.phone.outbound.seconds = 3;
        options.phone.restFaults.dropAfter = 1;
        Rig rig(options, PhoneSettings());
        rig.begin();
        const QJsonObject placed = rig.operate(control::kCall,
                                               {{"to"_L1, "+15558880099"_L1}, {"business"_L1, "Bikes"_L1}});
        QVERIFY2(placed["error"_L1].toString().contains("may ring"_L1), qPrintable(placed["error"_L1].toString()));
        QTRY_COMPARE_WITH_TIMEOUT(rig.simulation.records().size(), std::size_t(1), 20'000);
        QCOMPARE(rig.simulation.records()[0].phone.streams, 1);
        QTRY_COMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
    }

    // Whoever is being rung when the gateway ends is left in peace.
    void whoIsRungAtTheEndIsLeftInPeace()
    {
        sim::SimulationOptions options = phoneWorld();
        options.phone.dialling.answerMs = 20'000;
        Rig rig(options, PhoneSettings());
        rig.begin();
        const QString callSid = rig.operate(control::kCall,
                                            {{"to"_L1, "+15558880099"_L1}, {"business"_L1, "Bikes"_L1}})["call_sid"_L1]
                                    .toString();
        QVERIFY(!callSid.isEmpty());
        rig.daemon->endCalls();
        QTRY_COMPARE_WITH_TIMEOUT(rig.simulation.restLog().size(), std::size_t(2), 10'000);
        QVERIFY(rig.simulation.restLog()[1].path.ends_with("/Calls/" + callSid.toStdString() + ".json"));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 10'000);
    }

    void ordersThatCantBeCarriedOut()
    {
        Rig rig(phoneWorld(), PhoneSettings());
        rig.begin();
        const auto error = [&](const QString &to, const QString &business) {
            return rig.operate(control::kCall, {{"to"_L1, to}, {"business"_L1, business}})["error"_L1].toString();
        };
        QVERIFY(error(u"tomorrow"_s, u"Bikes"_s).contains("no number"_L1));
        QVERIFY(error(u"+15558880099"_s, {}).contains("several businesses"_L1));
        QVERIFY(error(u"+15558880099"_s, u"Baker"_s).contains("no business"_L1));
        QCOMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
    }

    void anOperatorHangsUp()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {phonePlan(30)};
        options.plans[0].callSid = "CA11111111111111111111111111111111";
        Rig rig(options, PhoneSettings());
        rig.begin();
        QTRY_COMPARE_WITH_TIMEOUT(rig.operate(control::kStatus)["calls"_L1].toArray().size(), 1, 10'000);
        rig.operate(control::kHangUp, {{"call_sid"_L1, "CA11111111111111111111111111111111"_L1}});
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 10'000);
        QCOMPARE(rig.simulation.restLog().size(), std::size_t(1));
        QCOMPARE(rig.ask(u"SELECT end_reason FROM calls"_s).toString(), u"operator_hangup"_s);
    }

    // Only the carrier knows of a call without a stream, if there is one.
    void anOperatorHangsUpWhoIsRungAndNobody()
    {
        sim::SimulationOptions options = phoneWorld();
        options.phone.dialling.answerMs = 20'000;
        Rig rig(options, PhoneSettings());
        rig.begin();
        const QString callSid = rig.operate(control::kCall,
                                            {{"to"_L1, "+15558880099"_L1}, {"business"_L1, "Bikes"_L1}})["call_sid"_L1]
                                    .toString();
        const auto hangUp = [&rig](const QString &which) {
            return rig.operate(control::kHangUp, {{"call_sid"_L1, which}})["error"_L1].toString();
        };
        QCOMPARE(hangUp(callSid), QString());
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 10'000);
        const QString nobody = u"CA"_s + QString(32, u'f');
        QCOMPARE(hangUp(nobody), u"there is no live call \"%1\""_s.arg(nobody));
        QCOMPARE(hangUp(u"Joe"_s), u"there is no live call \"Joe\"; the carrier: not a CallSid"_s);
    }

    void aDrainLetsCallsFinishAndTakesNoNewOnes()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {phonePlan(5)};
        Rig rig(options, PhoneSettings());
        bool finished = false;
        connect(rig.daemon.get(), &Daemon::finished, this, [&] { finished = true; });
        rig.begin();
        QTRY_COMPARE_WITH_TIMEOUT(rig.operate(control::kStatus)["calls"_L1].toArray().size(), 1, 10'000);
        QCOMPARE(rig.operate(control::kDrain)["calls"_L1].toInt(), 1);
        rig.simulation.addCall(phonePlan(3));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        QTRY_VERIFY_WITH_TIMEOUT(finished, 5000);
        int refused = 0;
        for (const sim::CallRecord &record : rig.simulation.records())
            refused += verbs(record) == u"Say: The bike shop is closed."_s ? 1 : 0;
        QCOMPARE(refused, 1);
        QCOMPARE(rig.ask(u"SELECT COUNT(*) FROM calls WHERE end_reason = 'carrier_stop'"_s).toInt(), 1);
    }

    void whoIsCutOffHearsTheFallback()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {phonePlan(30), phonePlan(30)};
        Rig rig(options, PhoneSettings());
        bool finished = false;
        connect(rig.daemon.get(), &Daemon::finished, this, [&] { finished = true; });
        rig.begin();
        QTRY_COMPARE_WITH_TIMEOUT(rig.operate(control::kStatus)["calls"_L1].toArray().size(), 2, 10'000);
        rig.daemon->drain(); // SIGTERM, and once more
        rig.daemon->endCalls();
        QTRY_VERIFY_WITH_TIMEOUT(finished, 5000);
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 10'000);
        for (const sim::CallRecord &record : rig.simulation.records())
            QVERIFY2(verbs(record).endsWith("Say: The bike shop is closed."_L1), qPrintable(verbs(record)));
        QCOMPARE(rig.ask(u"SELECT COUNT(*) FROM calls WHERE end_reason = 'shutdown'"_s).toInt(), 2);
    }
};

QTEST_GUILESS_MAIN(TestPhone)
#include "tst_phone.moc"
