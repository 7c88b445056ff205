// SPDX-License-Identifier: GPL-3.0-or-later
// From a flight record to what both sides do again: times, sizes, what had been waiting when the record begins, and when a
// full socket stopped being read; and a replay that is interrupted.
#include "sim/referencegateway.h"
#include "sim/replay/replayer.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::sim;

namespace {

const QByteArray kHead = R"({"flight":1,"reason":"stall","cause":"queue starved","duration_ms":300,"from_us":1000000,)"
                         R"("until_us":6000000})"
                         "\n";

// "12 Delta 160 of 3", in milliseconds of the replay.
QStringList stepsOf(const QByteArray &events, QString *error = nullptr)
{
    static const QStringList s_names{u"Media"_s,        u"Sleep"_s,        u"Sip"_s,        u"WakeUp"_s,
                                     u"Response"_s,     u"Delta"_s,        u"LateDelta"_s,  u"AudioDone"_s,
                                     u"ResponseDone"_s, u"CallerSpeaks"_s, u"CallerStops"_s};
    const auto record = FlightRecord::fromNdjson(kHead + events);
    if (!record)
        return {u"no record"_s};
    const auto replay = replayOf(*record);
    if (!replay) {
        if (error != nullptr)
            *error = replay.error();
        return {};
    }
    QStringList steps;
    for (const ReplayStep &step : replay->steps) {
        steps << u"%1 %2 %3 of %4"_s.arg(step.at / kMillisecond)
                     .arg(s_names[int(step.kind)])
                     .arg(step.bytes)
                     .arg(step.item);
        if (step.response != 0)
            steps.back() += u" in %1"_s.arg(step.response);
        if (step.holeMs != 0)
            steps.back() += u" after %1"_s.arg(step.holeMs);
    }
    return steps;
}

} // namespace

class TestSimReplay : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatIsOnRecordIsDoneAtItsTime()
    {
        QCOMPARE(stepsOf(R"({"t_us":1010000,"what":"media","bytes":160,"hole_ms":0}
{"t_us":1020000,"what":"response"}
{"t_us":1030000,"what":"delta","bytes":320,"item":3}
{"t_us":1034000,"what":"sent","late_us":0,"backlog":1}
{"t_us":1050000,"what":"audio_done","item":3}
{"t_us":1060000,"what":"response_done"}
{"t_us":1070000,"what":"caller_speaks"}
{"t_us":1080000,"what":"late_delta","bytes":80}
{"t_us":1090000,"what":"second","longest_gap_ms":0,"backlog":0}
)"),
                 (QStringList{u"10 Media 160 of 0"_s, u"20 Response 0 of 0"_s, u"30 Delta 320 of 3"_s,
                              u"50 AudioDone 0 of 3"_s, u"60 ResponseDone 0 of 0"_s, u"70 CallerSpeaks 0 of 0"_s,
                              u"80 LateDelta 80 of 3 in 1"_s}));
    }

    // ... and not of the one before, nor of the next one, whichever there has been since.
    void lateAudioIsOfWhatTheCallerInterrupted()
    {
        const QByteArray answers = R"({"t_us":1020000,"what":"response"}
{"t_us":1030000,"what":"delta","bytes":320,"item":3}
{"t_us":1040000,"what":"response_done"}
{"t_us":1045000,"what":"response"}
{"t_us":1050000,"what":"delta","bytes":320,"item":4}
{"t_us":1060000,"what":"caller_speaks"}
{"t_us":1070000,"what":"late_delta","bytes":80}
{"t_us":1080000,"what":"response_done"}
{"t_us":1090000,"what":"response"}
{"t_us":1091000,"what":"late_delta","bytes":81}
)";
        const QStringList steps = stepsOf(answers);
        QCOMPARE(steps[6], u"70 LateDelta 80 of 4 in 2"_s);
        QCOMPARE(steps.last(), u"91 LateDelta 81 of 4 in 2"_s);
        // A caller who speaks when all has been heard interrupts nothing.
        QCOMPARE(stepsOf(answers + R"({"t_us":1092000,"what":"delta","bytes":320,"item":5}
{"t_us":1093000,"what":"response_done"}
{"t_us":1200000,"what":"item_over"}
{"t_us":1300000,"what":"caller_speaks"}
{"t_us":1310000,"what":"late_delta","bytes":82}
)")
                     .last(),
                 u"310 LateDelta 82 of 4 in 2"_s);
    }

    // Of what was interrupted before the record begins the gateway of the replay has nothing, and would play it.
    void lateAudioOfWhatIsNotOnRecordIsNotPlayed()
    {
        QCOMPARE(stepsOf(R"({"t_us":1010000,"what":"late_delta","bytes":80}
{"t_us":1020000,"what":"caller_speaks"}
{"t_us":1030000,"what":"late_delta","bytes":80}
{"t_us":1040000,"what":"caller_stops"}
)"),
                 (QStringList{u"20 CallerSpeaks 0 of 0"_s, u"40 CallerStops 0 of 0"_s}));
        // What waited when it began, it has.
        QCOMPARE(stepsOf(R"({"t_us":1001000,"what":"sent","late_us":0,"backlog":3}
{"t_us":1010000,"what":"caller_speaks"}
{"t_us":1020000,"what":"late_delta","bytes":80}
)")
                     .last(),
                 u"20 LateDelta 80 of 0 in 1"_s);
    }

    void theCallersHolesAreReplayed()
    {
        QCOMPARE(stepsOf(R"({"t_us":1010000,"what":"media","bytes":160,"hole_ms":0}
{"t_us":1050000,"what":"media","bytes":160,"hole_ms":40}
)"),
                 (QStringList{u"10 Media 160 of 0"_s, u"50 Media 160 of 0 after 40"_s}));
    }

    // Ten frames wait behind the first one, and of these eleven only one came in a delta on record.
    void whatWaitedComesFirst()
    {
        QCOMPARE(stepsOf(R"({"t_us":1001000,"what":"delta","bytes":160,"item":3}
{"t_us":1034000,"what":"sent","late_us":0,"backlog":10}
{"t_us":1050000,"what":"audio_done","item":3}
{"t_us":1300000,"what":"item_over"}
)"),
                 (QStringList{u"0 Response 0 of 0"_s, u"0 Delta 1600 of 3"_s, u"1 Delta 160 of 3"_s,
                              u"50 AudioDone 0 of 3"_s}));
    }

    // The model had ended that item before the record begins: else the gateway would take its end for a stall.
    void whatWaitedWasWhole()
    {
        QCOMPARE(stepsOf(R"({"t_us":1034000,"what":"sent","late_us":0,"backlog":2}
{"t_us":1300000,"what":"item_over"}
{"t_us":2000000,"what":"delta","bytes":800,"item":4}
{"t_us":2010000,"what":"audio_done","item":4}
)"),
                 (QStringList{u"0 Response 0 of 0"_s, u"0 Delta 480 of 3"_s, u"0 AudioDone 0 of 3"_s,
                              u"0 ResponseDone 0 of 0"_s, u"1000 Delta 800 of 4"_s, u"1010 AudioDone 0 of 4"_s}));
    }

    void aFullSocketIsNotReadSinceBefore()
    {
        QCOMPARE(stepsOf(R"({"t_us":1000000,"what":"delta","bytes":160,"item":1}
{"t_us":1001000,"what":"sent","late_us":0,"backlog":0}
{"t_us":5000000,"what":"full","unsent_bytes":300,"backlog":40}
{"t_us":5020000,"what":"full","unsent_bytes":300,"backlog":40}
{"t_us":5400000,"what":"sent","late_us":0,"backlog":39}
)"),
                 (QStringList{u"0 Delta 160 of 1"_s, u"1500 Sleep 0 of 0"_s, u"4400 WakeUp 0 of 0"_s}));
    }

    // Three frames left between: so much is read, for it to be full again. Later, when the kernel has filled anew, all is.
    void aSocketThatIsFullAgainSoonIsReadALittle()
    {
        QCOMPARE(stepsOf(R"({"t_us":1000000,"what":"delta","bytes":160,"item":1}
{"t_us":1001000,"what":"sent","late_us":0,"backlog":0}
{"t_us":1100000,"what":"full","unsent_bytes":300,"backlog":40}
{"t_us":1400000,"what":"sent","late_us":0,"backlog":39}
{"t_us":1420000,"what":"sent","late_us":0,"backlog":38}
{"t_us":1440000,"what":"silent","late_us":0}
{"t_us":1460000,"what":"full","unsent_bytes":300,"backlog":37}
{"t_us":1800000,"what":"sent","late_us":0,"backlog":36}
{"t_us":5000000,"what":"full","unsent_bytes":300,"backlog":36}
{"t_us":5020000,"what":"full","unsent_bytes":300,"backlog":36}
)"),
                 (QStringList{u"0 Delta 160 of 1"_s, u"0 Sleep 0 of 0"_s, u"400 Sip 480 of 0"_s, u"800 WakeUp 0 of 0"_s,
                              u"1500 Sleep 0 of 0"_s}));
    }

    // By somebody who does not want to wait for its end: that the gateway then closes the stream is not the record's doing.
    void interruptedIsNotPlayed()
    {
        Replay record;
        record.steps = {{0, ReplayStep::Kind::Response, 0, 0}, {0, ReplayStep::Kind::Delta, 80'000, 1}};
        record.length = 60 * kSecond;
        Replayer replayer(record, {});
        const auto modelPort = replayer.start();
        QVERIFY(modelPort);
        ReferenceGateway gateway(Defect::None);
        replayer.call(gateway.start(*modelPort));
        QTest::qWait(1000); // it talks
        QVERIFY(!replayer.done());
        const ReplayVerdict verdict = replayer.finish();
        QVERIFY(!verdict.played);
        QCOMPARE(verdict.problem, std::string("interrupted"));
    }

    void nothingCannotBePlayed()
    {
        QString error;
        QVERIFY(stepsOf({}, &error).isEmpty());
        QVERIFY(!error.isEmpty());
        QCOMPARE(stepsOf("{\"what\":\"sent\"}\n"), QStringList{u"no record"_s});
        QVERIFY(!FlightRecord::fromNdjson("{\"flight\":2}\n"));
        QVERIFY(!FlightRecord::fromNdjson("rubbish"));
        QVERIFY(!FlightRecord::fromNdjson({}));
    }

    // The process died, or the disk was full, in the middle of a line: all before it is a record.
    void aLastLineThatWasCutIsLeftOut()
    {
        const QByteArray whole = kHead + "{\"t_us\":1010000,\"what\":\"response\"}\n";
        for (const QByteArray &cut : {QByteArray("{\"t_us\":10200"), QByteArray("{\"t_us\":1020000,\"what\":\"cl"),
                                      QByteArray("{"), QByteArray()}) {
            const auto record = FlightRecord::fromNdjson(whole + cut);
            QVERIFY(record);
            QCOMPARE(record->events.size(), 1);
            QVERIFY(!FlightRecord::fromNdjson(whole + cut + "\n")); // elsewhere it is none
            QVERIFY(!FlightRecord::fromNdjson(whole + cut + "\n{\"t_us\":1030000,\"what\":\"closed\"}\n"));
        }
        QVERIFY(!FlightRecord::fromNdjson(kHead.first(40)));
    }
};

QTEST_GUILESS_MAIN(TestSimReplay)
#include "tst_sim_replay.moc"
