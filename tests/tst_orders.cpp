// SPDX-License-Identifier: GPL-3.0-or-later
// Operators act on live calls, through the whole gateway: orders over the control socket, some of them as `takt-gateway ctl`
// gives them; what the simulated carrier's REST API gets of them, what callers hear, and what is on record after.
#include "control/ctl.h"
#include "support/phonerig.h"

#include <QJsonArray>
#include <QThread>

using namespace takt;
using namespace takt::test;

namespace {

// A caller who says nothing, or something after so many milliseconds.
sim::CallPlan caller(double seconds, int speaksAfterMs = 0)
{
    sim::CallPlan plan = phonePlan(seconds);
    if (speaksAfterMs > 0) {
        plan.script.push_back({sim::Step::Kind::Pause, speaksAfterMs, {}});
        plan.script.push_back({sim::Step::Kind::Say, 0, {0}});
    }
    plan.script.push_back({sim::Step::Kind::Pause, 60'000, {}});
    return plan;
}

class Orders : public Rig
{
public:
    explicit Orders(const sim::SimulationOptions &options, const PhoneSettings &settings = {})
        : Rig(options, settings)
    {
        begin();
    }
    // The only live call, once its agent is there.
    QString liveCall()
    {
        QString sid;
        const bool found = QTest::qWaitFor(
            [&] {
                const QJsonArray calls = operate(control::kStatus)["calls"_L1].toArray();
                sid = calls.isEmpty() ? QString() : calls[0]["call_sid"_L1].toString();
                return !calls.isEmpty() && calls[0]["frames_sent"_L1].toInteger() > 10;
            },
            20'000);
        return found ? sid : QString();
    }
    QJsonObject snapshot() { return operate(control::kStatus)["calls"_L1].toArray()[0].toObject(); }
    QString errorOf(const QString &method, const QJsonObject &parameters)
    {
        return operate(method, parameters)["error"_L1].toString();
    }
    // As `takt-gateway ctl` does it; its exit code.
    int ctl(const QStringList &arguments)
    {
        int code = -1;
        const std::unique_ptr<QThread> thread(
            QThread::create([&, socket = path(u"takt.sock"_s)] { code = control::runCtl(arguments, socket); }));
        thread->start();
        return QTest::qWaitFor([&] { return thread->isFinished(); }, 60'000) ? code : -1;
    }
    // What the REST API was told of a call.
    std::vector<sim::RestRequest> updates() const
    {
        std::vector<sim::RestRequest> all;
        for (const sim::RestRequest &request : simulation.restLog()) {
            if (request.method == "POST" && request.path.find("/Calls/CA") != std::string::npos)
                all.push_back(request);
        }
        return all;
    }
};

} // namespace

class TestOrders : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aCallIsPassedOn_data()
    {
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("dialled");
        QTest::addColumn<QString>("then");
        QTest::newRow("a number") << u"+1 (555) 888-0099"_s << u"+15558880099"_s << u"Hangup"_s;
        QTest::newRow("a busy line") << u"+15558880001"_s << u"+15558880001"_s << u"Say: The bike shop is closed."_s;
        QTest::newRow("a sip address") << u"sip:front&desk@example.com"_s << u"sip:front&desk@example.com"_s
                                       << u"Hangup"_s;
    }
    void aCallIsPassedOn()
    {
        QFETCH(QString, to);
        QFETCH(QString, dialled);
        QFETCH(QString, then);
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(20)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        QCOMPARE(rig.ctl({u"transfer"_s, sid, to}), 0);
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        const auto updates = rig.updates();
        QCOMPARE(updates.size(), std::size_t(1));
        QVERIFY(updates[0].path.ends_with("/Calls/" + sid.toStdString() + ".json"));
        QVERIFY(updates[0].applied);
        const QString twiml = QString::fromStdString(sim::valueOf(updates[0].params, "Twiml"));
        QVERIFY2(twiml.contains("<Dial action=\"https://gateway.test/twilio/after-dial\">"_L1), qPrintable(twiml));
        const sim::CallRecord record = rig.simulation.records()[0];
        QVERIFY2(verbs(record).endsWith(u"Connect/Stream, Dial: "_s + dialled + u", "_s + then),
                 qPrintable(verbs(record)));
        QVERIFY(record.faults.empty());
        QTRY_COMPARE(rig.operate(control::kStatus)["slots_held"_L1].toInt(), 0);
        QCOMPARE(
            rig.ask(u"SELECT end_reason || ': ' || end_detail FROM calls WHERE direction = 'inbound'"_s).toString(),
            u"transferred: by an operator, to "_s + dialled);
    }

    void transfersThatCantBe()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(40)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        const auto error = [&](const QString &callSid, const QString &to) {
            return rig.errorOf(control::kTransfer, {{"call_sid"_L1, callSid}, {"to"_L1, to}});
        };
        QVERIFY2(error(sid, u"reception"_s).contains("is no number like"_L1), qPrintable(error(sid, u"reception"_s)));
        QVERIFY(error(sid, {}).contains("is no number like"_L1));
        QVERIFY(error(u"CA00"_s, u"+15558880099"_s).contains("no live call \"CA00\""_L1));
        QCOMPARE(rig.updates().size(), std::size_t(0));
        QCOMPARE(rig.ctl({u"transfer"_s, sid}), 2);
        // 503, again and again: nobody knows what the carrier has done. It has done nothing; the agent talks on.
        QVERIFY(rig.simulation.setFault("rest.status", 503));
        QVERIFY(rig.simulation.setFault("rest.first", 100));
        const QString refused = error(sid, u"+15558880099"_s);
        QVERIFY2(refused.contains("may be passed on or not"_L1), qPrintable(refused));
        QVERIFY(rig.simulation.setFault("rest.first", 0));
        QVERIFY(!rig.snapshot().isEmpty());
        QCOMPARE(error(sid, u"+15558880099"_s), QString()); // once more, and now it works
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        QVERIFY(verbs(rig.simulation.records()[0]).contains(u"Dial: +15558880099"_s));
    }

    void whatTheCarrierDoesNotAllow()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(8)};
        PhoneSettings settings;
        settings.common = [](config::Settings &s) { s.twilio.accountSid = u"AC"_s + QString(32, u'0'); };
        Orders rig(options, settings);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        const QString refused = rig.errorOf(control::kTransfer, {{"call_sid"_L1, sid}, {"to"_L1, "+15558880099"_L1}});
        QVERIFY2(refused.startsWith("the carrier would not pass the call on"_L1), qPrintable(refused));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        QCOMPARE(rig.ask(u"SELECT end_reason FROM calls WHERE direction = 'inbound'"_s).toString(), u"carrier_stop"_s);
    }

    void withoutRestNobodyIsPassedOn()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(4)};
        PhoneSettings settings;
        settings.common = [](config::Settings &s) { s.twilio.accountSid.clear(); };
        Orders rig(options, settings);
        const QString sid = rig.liveCall();
        QVERIFY(rig.errorOf(control::kTransfer, {{"call_sid"_L1, sid}, {"to"_L1, "+15558880099"_L1}})
                    .contains("TWILIO_ACCOUNT_SID"_L1));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
    }

    // In the middle of the greeting: that is cut where it was heard, and the sentence heard to its end.
    void aSentenceIsHeard()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(15)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        QCOMPARE(rig.ctl({u"say"_s, sid, u"A colleague"_s, u"will be with you."_s}), 0);
        QTRY_COMPARE_WITH_TIMEOUT(rig.snapshot()["last_text"_L1].toString(), u"A colleague will be with you."_s,
                                  10'000);
        QTRY_COMPARE_WITH_TIMEOUT(rig.snapshot()["speaking"_L1].toString(), QString(), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 30'000);
        const sim::CallRecord record = rig.simulation.records()[0];
        QVERIFY(record.faults.empty());
        const sim::Verdict verdict = rig.simulation.finish();
        QCOMPARE(verdict.model.cancelledByVad, 0);
        QCOMPARE(verdict.model.truncates, 1);
        QVERIFY2(verdict.model.errors.empty(), qPrintable(verdict.text()));
        QCOMPARE(rig.ask(u"SELECT COUNT(*) FROM turns WHERE speaker = 'agent' AND interrupted = 1"_s).toInt(), 1);
    }

    void whatIsSaidIsOnRecordAsHeard()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(12)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QCOMPARE(rig.errorOf(control::kSay, {{"call_sid"_L1, sid}, {"text"_L1, "Please hold."_L1}}), QString());
        QVERIFY(rig.errorOf(control::kSay, {{"call_sid"_L1, sid}}).contains("1 to 500"_L1));
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 30'000);
        QCOMPARE(
            rig.ask(
                   u"SELECT COUNT(*) FROM turns WHERE text = 'Please hold.' AND interrupted = 0 AND heard_ms > 300 AND "
                   "heard_ms = generated_ms"_s)
                .toInt(),
            1);
    }

    // The caller speaks meanwhile, and is answered when the agent may speak again. Silence by order is no stall.
    void aMutedAgentIsNotHeard()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(14, 3500)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        QCOMPARE(rig.ctl({u"mute"_s, sid, u"on"_s}), 0);
        QVERIFY(rig.snapshot()["muted"_L1].toBool());
        QTest::qWait(100);
        const QJsonObject before = rig.snapshot();
        QCOMPARE(before["backlog_ms"_L1].toInt(), 0);
        // He speaks, is heard and transcribed, and gets no answer.
        QTRY_COMPARE_WITH_TIMEOUT(rig.snapshot()["last_speaker"_L1].toString(), u"caller"_s, 15'000);
        QTest::qWait(2000);
        const QJsonObject after = rig.snapshot();
        QCOMPARE(after["frames_sent"_L1].toInteger(), before["frames_sent"_L1].toInteger());
        QCOMPARE(after["speaking"_L1].toString(), QString());
        QCOMPARE(rig.ctl({u"mute"_s, sid, u"off"_s}), 0);
        QTRY_VERIFY_WITH_TIMEOUT(
            rig.snapshot()["frames_sent"_L1].toInteger() > after["frames_sent"_L1].toInteger() + 25, 5000);
        QCOMPARE(after["stalls"_L1].toInteger(), before["stalls"_L1].toInteger());
        // This host may stall; but not for as long as the agent was muted.
        QVERIFY(rig.snapshot()["stalled_ms"_L1].toInteger() < 2000);
        QVERIFY(rig.snapshot()["worst_gap_us"_L1].toInteger() < 2'000'000);
        QCOMPARE(rig.snapshot()["interruptions"_L1].toInteger(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 30'000);
        const sim::CallRecord record = rig.simulation.records()[0];
        QVERIFY(record.faults.empty());
        QVERIFY(record.clears >= 1);
    }

    void muteNeedsAWordAndACall()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(4)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(rig.errorOf(control::kMute, {{"call_sid"_L1, sid}, {"on"_L1, "yes"_L1}}).contains("true or false"_L1));
        QVERIFY(rig.errorOf(control::kMute, {{"call_sid"_L1, "CA1"_L1}, {"on"_L1, true}}).contains("no live call"_L1));
        QCOMPARE(rig.ctl({u"mute"_s, sid, u"perhaps"_s}), 2);
        QCOMPARE(rig.ctl({u"mute"_s, sid}), 2);
        QVERIFY(!rig.snapshot()["muted"_L1].toBool());
    }

    // From the model's own words to the record: what was used, and what it costs by the settings' prices.
    void whatACallCosts_data()
    {
        QTest::addColumn<bool>("priced");
        QTest::newRow("priced") << true;
        QTest::newRow("a price is missing") << false;
    }
    void whatACallCosts()
    {
        QFETCH(bool, priced);
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(12, 3000)};
        PhoneSettings settings;
        settings.common = [&](config::Settings &s) {
            s.speech.prices.currency = u"USD"_s;
            s.speech.prices.of.fill(2);
            if (!priced)
                s.speech.prices.of[std::size_t(UsageClass::OutputAudio)] = Prices::kUnknown;
        };
        Orders rig(options, settings);
        const QString sid = rig.liveCall();
        const auto used = [&](UsageClass what) { return rig.snapshot()["usage"_L1][name(what)].toInteger(); };
        QTRY_VERIFY_WITH_TIMEOUT(used(UsageClass::TranscribedMs) == 2000, 10'000); // as the simulator says
        QVERIFY(used(UsageClass::InputText) > 0);
        QVERIFY(used(UsageClass::OutputAudio) > 0);
        QCOMPARE(rig.snapshot()["currency"_L1].toString(), priced ? u"USD"_s : u""_s);
        QTRY_VERIFY_WITH_TIMEOUT(rig.simulation.done(), 20'000);
        QJsonObject call;
        QTRY_VERIFY(
            (call = rig.operate(control::kRecord, {{"call_sid"_L1, sid}})["call"_L1].toObject())["ended_at_ms"_L1]
                .toInteger()
            > 0);
        const Usage usage = Usage::fromJson(call["usage"_L1].toObject());
        QVERIFY(usage[UsageClass::OutputAudio] > 0);
        const qint64 micros = 2 * usage.tokens() + usage[UsageClass::TranscribedMs] * 2'000'000 / 60'000;
        QVERIFY2(std::abs(call["cost_micros"_L1].toInteger() - (priced ? micros : -1)) <= 1,
                 qPrintable(QString::number(call["cost_micros"_L1].toInteger())));
        const QJsonObject listed = rig.operate(control::kHistory)["calls"_L1][0].toObject();
        QCOMPARE(listed["cost_micros"_L1], call["cost_micros"_L1]);
        QCOMPARE(listed["tokens"_L1].toInteger(), usage.tokens());
        QCOMPARE(rig.ctl({u"call"_s, sid}), 0);
    }

    void whoOnlyLooksOnOrdersNothing()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(4)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QLocalSocket socket;
        socket.connectToServer(rig.path(u"takt.sock"_s));
        QByteArray lines = R"({"id":1,"method":"view_only"})"
                           "\n";
        for (const QLatin1StringView method : {control::kTransfer, control::kSay, control::kMute})
            lines += QJsonDocument(QJsonObject{{"id"_L1, 2}, {"method"_L1, method}}).toJson(QJsonDocument::Compact)
                     + '\n';
        socket.write(lines);
        QByteArray answers;
        QTRY_COMPARE((answers += socket.readAll()).count('\n'), 5);
        QCOMPARE(answers.count("only looks on"), 3);
    }

    // Somebody watches everything there is to see, and the gateway ends in the middle of it.
    void theGatewayEndsWhileSomebodyWatches()
    {
        sim::SimulationOptions options = phoneWorld();
        options.plans = {caller(20)};
        Orders rig(options);
        const QString sid = rig.liveCall();
        QVERIFY(!sid.isEmpty());
        const QStringList topics{u"gateway"_s, u"calls"_s, u"call/"_s + sid, u"tx"_s, u"flights"_s, u"jobs"_s};
        const QJsonObject request{{"id"_L1, 1},
                                  {"method"_L1, control::kSubscribe},
                                  {"params"_L1, QJsonObject{{"topics"_L1, QJsonArray::fromStringList(topics)}}}};
        QLocalSocket watcher;
        watcher.connectToServer(rig.path(u"takt.sock"_s));
        watcher.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
        QHash<QString, TopicState> seen;
        QTRY_VERIFY(([&] {
            while (watcher.canReadLine()) {
                const QJsonObject line = QJsonDocument::fromJson(watcher.readLine()).object();
                if (line.contains("topic"_L1))
                    apply(seen[line["topic"_L1].toString()], TopicUpdate::fromJson(line));
            }
            return seen.size() == topics.size() && seen[u"gateway"_s].head["calls_live"_L1].toInt() == 1;
        }()));
        QCOMPARE(seen[u"calls"_s].rows.keys(), QStringList{sid});
        QVERIFY(seen[u"call/"_s + sid].head["live"_L1].toBool());
        QVERIFY(seen[u"tx"_s].head.contains("cpu_pressure"_L1));
        rig.daemon.reset();
        QTRY_COMPARE(watcher.state(), QLocalSocket::UnconnectedState);
    }
};

QTEST_GUILESS_MAIN(TestOrders)
#include "tst_orders.moc"
