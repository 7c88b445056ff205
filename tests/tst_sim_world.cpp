// SPDX-License-Identifier: GPL-3.0-or-later
// The whole simulator against a gateway of which the faults are known: a good one passes, and each defect breaks the
// limit that is there for it.
#include "sim/referencegateway.h"
#include "sim/simulation.h"

#include <QTest>

#include <algorithm>
#include <future>

using namespace takt::sim;

class TestSimWorld : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void verdictNames_data();
    void verdictNames();
    void latencyIsAllowedFor();
    void faultyCallsAreNotJudged_data();
    void faultyCallsAreNotJudged();
    void scriptedCall();
    void modelRefuses();

private:
    std::map<Defect, Verdict> m_ofDefect;
    std::map<CallFault, Verdict> m_ofFault;
};

namespace {

struct DefectRow {
    const char *name;
    Defect defect;
    const char *limit; // that it breaks
};

constexpr DefectRow kDefects[] = {
    {"good", Defect::None, ""},
    {"burst", Defect::Burst, "bursts"},
    {"stall", Defect::Stall, "stalls"},
    {"odd frames", Defect::OddFrames, "wrong-size"},
    {"loses tails", Defect::LosesTail, "cut-ms"},
    {"skips frames", Defect::SkipsFrames, "cut-ms"},
    {"repeats", Defect::Repeats, "repeated-ms"},
    {"keeps talking", Defect::KeepsTalking, "after-interruption-ms"},
    {"plays late deltas", Defect::LateDeltas, "after-interruption-ms"},
    {"no truncate", Defect::NoTruncate, "missing-truncates"},
    {"wrong truncate", Defect::WrongTruncate, "audio-end-error-ms"},
    {"extra field", Defect::ExtraField, "protocol-faults"},
    {"early audio", Defect::EarlyAudio, "model-faults"},
    {"unknown setting", Defect::UnknownSetting, "model-faults"},
    {"no key", Defect::NoKey, "model-faults"},
    {"hangs up", Defect::HangsUp, "closed-by-gateway"},
    {"mute", Defect::Mute, "silent-calls"},
};

SimulationOptions options(int calls, double seconds)
{
    SimulationOptions options;
    options.syntheticVoices = true;
    options.carrier.calls = calls;
    options.carrier.seconds = seconds;
    options.carrier.ramp = 0.5;
    options.carrier.seed = 3;
    options.carrier.interrupt = 0.7;
    options.model.seed = 3;
    // This host may be busy: what its scheduler does to a beat is no matter of this test.
    for (const char *limit : {"silence-ms", "bursts", "stalls"})
        options.limits.changed[limit] = 1e9;
    for (const char *limit : {"after-interruption-ms", "audio-end-error-ms"})
        options.limits.changed[limit] = 1000;
    return options;
}

Verdict runOnce(const SimulationOptions &options, Defect defect, std::vector<CallRecord> *records)
{
    Simulation world(options);
    const auto modelPort = world.start();
    if (!modelPort)
        qFatal("%s", qPrintable(modelPort.error()));
    ReferenceGateway gateway(defect);
    world.call(gateway.start(*modelPort));
    [[maybe_unused]] const bool done = world.waitUntilDone(60'000);
    Verdict verdict = world.finish();
    if (records != nullptr)
        *records = world.records();
    return verdict;
}

// A host that stood still meanwhile (a virtual machine does) says nothing about a gateway without defects: then once more,
// and at the third time what it says counts.
Verdict run(const SimulationOptions &options, Defect defect, std::vector<CallRecord> *records = nullptr)
{
    constexpr double kStoodStillMs = 200;
    Verdict verdict = runOnce(options, defect, records);
    for (int again = 0; again < 2 && defect == Defect::None && !verdict.ok(); ++again) {
        if (verdict.worstGapMs > kStoodStillMs)
            verdict = runOnce(options, defect, records);
    }
    return verdict;
}

bool broke(const Verdict &verdict, const std::string &limit)
{
    return std::any_of(verdict.broken.begin(), verdict.broken.end(),
                       [&](const BrokenLimit &broken) { return broken.name == limit; });
}

} // namespace

// Every world runs at once, each with a gateway of its own: together they take as long as one.
void TestSimWorld::initTestCase()
{
    std::map<Defect, std::future<Verdict>> defects;
    for (const DefectRow &row : kDefects) {
        SimulationOptions wanted = options(4, 9);
        wanted.limits.changed.erase(row.limit); // the one that this defect must break stays as it is
        if (row.defect == Defect::LosesTail)    // ... and somebody must let it finish
            wanted.carrier.interrupt = 0;
        if (row.defect == Defect::LateDeltas) { // there must be something left to cancel
            wanted.model.speedLow = 2;
            wanted.model.speedHigh = 3;
        }
        defects[row.defect] = std::async(std::launch::async, [=] { return run(wanted, row.defect); });
    }
    for (auto &[defect, verdict] : defects)
        m_ofDefect[defect] = verdict.get();
    std::map<CallFault, std::future<Verdict>> faults;
    for (const CallFaultInfo &info : allCallFaults()) {
        SimulationOptions wanted = options(2, 4);
        CallPlan plan;
        plan.seconds = 4;
        plan.faults = {info.fault};
        plan.faultSeconds = 1.5;
        wanted.plans = {plan};
        faults[info.fault] = std::async(std::launch::async, [=] { return run(wanted, Defect::None); });
    }
    for (auto &[fault, verdict] : faults)
        m_ofFault[fault] = verdict.get();
}

void TestSimWorld::verdictNames_data()
{
    QTest::addColumn<int>("defect");
    QTest::addColumn<QString>("limit");
    for (const DefectRow &row : kDefects)
        QTest::newRow(row.name) << int(row.defect) << QString::fromLatin1(row.limit);
}

void TestSimWorld::verdictNames()
{
    QFETCH(int, defect);
    QFETCH(QString, limit);
    const Verdict &verdict = m_ofDefect.at(static_cast<Defect>(defect));
    QCOMPARE(verdict.calls, 4);
    if (limit.isEmpty())
        QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    else
        QVERIFY2(broke(verdict, limit.toStdString()), qPrintable(verdict.text()));
}

void TestSimWorld::latencyIsAllowedFor()
{
    SimulationOptions slow = options(4, 9);
    slow.carrier.latencyMs = 120;
    const Verdict verdict = run(slow, Defect::None);
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QVERIFY(verdict.afterInterruption.count > 0);
    QVERIFY2(verdict.afterInterruption.p50 >= 100, qPrintable(verdict.text())); // the delay is really there
}

void TestSimWorld::faultyCallsAreNotJudged_data()
{
    QTest::addColumn<QString>("fault");
    for (const CallFaultInfo &info : allCallFaults()) {
        const QString name = QString::fromUtf8(info.name.data(), qsizetype(info.name.size()));
        QTest::newRow(qPrintable(name)) << name;
    }
}

void TestSimWorld::faultyCallsAreNotJudged()
{
    QFETCH(QString, fault);
    const CallFault which = *callFaultNamed(fault.toStdString());
    const Verdict &verdict = m_ofFault.at(which);
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(verdict.calls, which == CallFault::SecondStream ? 4 : 3);
    QCOMPARE(verdict.faulted > 0, isHard({which}));
}

void TestSimWorld::scriptedCall()
{
    SimulationOptions one = options(0, 4);
    CallPlan plan;
    plan.seconds = 20;
    plan.from = "+972501234567";
    plan.script = {{Step::Kind::AwaitAgent, 3000, {}, '1'}, {Step::Kind::AwaitSpeech, 600, {}, '1'},
                   {Step::Kind::Say, 0, {0}, '1'},          {Step::Kind::AwaitAgent, 4000, {}, '1'},
                   {Step::Kind::Press, 0, {}, '5'},         {Step::Kind::Pause, 300, {}, '1'},
                   {Step::Kind::HangUp, 0, {}, '1'}};
    one.plans = {plan};
    std::vector<CallRecord> records;
    const Verdict verdict = run(one, Defect::None, &records);
    QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
    QCOMPARE(records.size(), std::size_t(1));
    QCOMPARE(records.front().from, std::string("+972501234567"));
    QVERIFY(records.front().completed);
    QVERIFY2(records.front().seconds < 10, "the script hung up long before the plan's end");
    QCOMPARE(verdict.model.turns, 1);
    QCOMPARE(verdict.afterInterruption.count, std::size_t(1));
}

void TestSimWorld::modelRefuses()
{
    SimulationOptions refusing = options(1, 2);
    refusing.model.faults.refuseStatus = 429;
    const Verdict verdict = run(refusing, Defect::None);
    QCOMPARE(verdict.model.refused, 1);
    QCOMPARE(verdict.model.sessions, 0);
    QVERIFY2(verdict.model.errors.empty(), "a refusal on purpose is not the gateway's mistake");
}

QTEST_GUILESS_MAIN(TestSimWorld)
#include "tst_sim_world.moc"
