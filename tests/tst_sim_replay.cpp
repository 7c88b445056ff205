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
    static const QStringList s_names{u"Media"_s,        u"Sleep"_s,      u"WakeUp"_s,    u"Response"_s,
                                     u"Delta"_s,        u"LateDelta"_s,  u"AudioDone"_s, u"ResponseDone"_s,
                                     u"CallerSpeaks"_s, u"CallerStops"_s};
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
    for (const ReplayStep &step : replay->steps)
        steps << u"%1 %2 %3 of %4"_s.arg(step.at / kMillisecond)
                     .arg(s_names[int(step.kind)])
                     .arg(step.bytes)
                     .arg(step.item);
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
                              u"80 LateDelta 80 of 0"_s}));
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
};

QTEST_GUILESS_MAIN(TestSimReplay)
#include "tst_sim_replay.moc"
