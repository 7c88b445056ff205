// SPDX-License-Identifier: GPL-3.0-or-later
// Rule one, tried from every place: a heavy task on an active call. Each stage by its name, ready to run and with a world
// that counts what reaches it: at the gate, in a worker that claimed it a moment too early, and in one whose call comes
// back to life before its first step. The same stage after the call shows that the world would have noticed.
#include "jobs/pipeline.h"
#include "jobs/worker.h"
#include "support/airig.h"

#include <QTest>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using test::HttpSay;
using test::JobRig;
using test::ScriptedHttp;

namespace {

// A call with a recording, both sides of it, a transcript and a summary: every stage has work to do. In ffmpeg's place is
// a script that leaves a trace.
struct Ready {
    explicit Ready(bool active)
    {
        rig.putCall({}, Direction::Inbound, u"+15551230001"_s, u"+15559870002"_s, active ? -1 : 10'000);
        rig.putTurn(Speaker::Caller, u"My sink leaks, I am in Springfield."_s);
        rig.putRecording();
        rig.putFile(u"original"_s, u"original.wav"_s, test::wavOf({{2000}}, 8000));
        for (const QString &side : {u"caller"_s, u"agent"_s})
            rig.putFile(side, side + u".wav"_s, test::wavOf({{2000}}));
        rig.useCarrier(world.url());
        rig.settings.openai.baseUrl = world.url(u"/v1"_s);
        rig.settings.openai.apiKey = u"key"_s;
        rig.settings.webhook.url = world.url(u"/hook"_s);
        rig.settings.webhook.allowNetworks = {QHostAddress::parseSubnet(u"127.0.0.0/8"_s)};
        QFile script(rig.filePath(u"ffmpeg.sh"_s));
        if (!script.open(QIODevice::WriteOnly)
            || script.write("#!/bin/sh\ntouch " + trace().toUtf8() + "\nexit 1\n") < 0)
            qFatal("no script");
        script.close();
        script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        rig.settings.jobs.ffmpeg = script.fileName();
    }
    [[nodiscard]] QString trace() const { return rig.filePath(u"a-child-ran"_s); }
    [[nodiscard]] store::Outcome work(Stage stage)
    {
        const store::Job job = rig.claimed(stage);
        return jobs::work(*rig.pass, rig.settings, job).outcome;
    }
    // What happened outside of the stage's own thoughts.
    [[nodiscard]] bool noticed(const store::Outcome &outcome) const
    {
        return !world.requests.isEmpty() || QFile::exists(trace()) || outcome.effects.lead.has_value();
    }

    ScriptedHttp world{[](const test::HttpSeen &) { return HttpSay{.status = 404, .body = {}}; }};
    JobRig rig;
};

void eachStage()
{
    QTest::addColumn<Stage>("stage");
    for (const Stage stage : kStages)
        QTest::newRow(name(stage).data()) << stage;
}

} // namespace

class TestActiveCall : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theWorldWouldNotice_data() { eachStage(); }
    void theWorldWouldNotice()
    {
        QFETCH(Stage, stage);
        Ready ready(false);
        QVERIFY(ready.noticed(ready.work(stage)));
    }

    // Its claim and the call's new stream crossed each other: the record says that the call is active.
    void claimedTooEarly_data() { eachStage(); }
    void claimedTooEarly()
    {
        QFETCH(Stage, stage);
        Ready ready(true);
        const store::Outcome outcome = ready.work(stage);
        QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
        QCOMPARE(outcome.reason, u"call active"_s);
        QVERIFY(!ready.noticed(outcome));
    }

    // The record does not know yet, but the gate does.
    void theCallComesBack_data() { eachStage(); }
    void theCallComesBack()
    {
        QFETCH(Stage, stage);
        Ready ready(false);
        ready.rig.gate.callStarted(JobRig::kCallSid);
        const store::Outcome outcome = ready.work(stage);
        QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
        QCOMPARE(outcome.reason, u"call active"_s);
        QVERIFY(!ready.noticed(outcome));
    }

    // Nor does any stage begin what is heavy by going past the worker.
    void straightToTheStage_data() { eachStage(); }
    void straightToTheStage()
    {
        QFETCH(Stage, stage);
        Ready ready(false);
        const auto context = ready.rig.context(stage);
        ready.rig.gate.callStarted(JobRig::kCallSid);
        const store::Outcome outcome = jobs::entryOf(stage).run(*context);
        QVERIFY(ready.world.requests.isEmpty());
        QVERIFY(!QFile::exists(ready.trace()));
        QVERIFY(stage == Stage::Lead || outcome.kind == AttemptOutcome::Interrupted); // a lead is one statement, if it is late
    }

    // No pass for a call that lives, whatever the mode; and none for any call where the mode says so.
    void theGate_data()
    {
        QTest::addColumn<config::GateMode>("mode");
        QTest::addColumn<bool>("othersMay");
        QTest::newRow("own-call") << config::GateMode::OwnCall << true;
        QTest::newRow("quiet") << config::GateMode::Quiet << false;
        QTest::newRow("off-host") << config::GateMode::OffHost << false;
    }
    void theGate()
    {
        QFETCH(config::GateMode, mode);
        QFETCH(bool, othersMay);
        config::JobsSettings settings;
        settings.gate = mode;
        jobs::CallGate gate(settings);
        gate.callStarted(JobRig::kCallSid);
        QString reason;
        QCOMPARE(gate.enter(JobRig::kCallSid, reason), nullptr);
        QVERIFY(!reason.isEmpty());
        QCOMPARE(gate.enter(u"CA of another"_s, reason) != nullptr, othersMay);
    }
};

QTEST_GUILESS_MAIN(TestActiveCall)
#include "tst_activecall.moc"
