// SPDX-License-Identifier: GPL-3.0-or-later
// The flight recorder in the whole gateway: a stall writes its record, an operator gets one on demand, a replay of a record
// brings the same stall about in another gateway, and a crash leaves one of each call.
#include "shared/flightrecord.h"
#include "sim/replay/replayer.h"
#include "support/daemonrig.h"

#include <QDir>
#include <QJsonArray>
#include <QProcess>
#include <QTest>

#include <csignal>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using test::Rig;

namespace {

sim::SimulationOptions world()
{
    sim::SimulationOptions options;
    options.syntheticVoices = true;
    options.carrier.calls = 1;
    options.carrier.seconds = 8;
    options.carrier.ramp = 0;
    options.carrier.seed = 3;
    options.carrier.interrupt = 0;
    options.model.seed = 3;
    return options;
}

// The model makes audio more slowly than it is played: it runs out in the middle of every sentence. The caller takes no
// such silence for the end, and only listens.
sim::SimulationOptions slowModel()
{
    sim::SimulationOptions options = world();
    options.model.speedLow = options.model.speedHigh = 0.4;
    options.carrier.calls = 0;
    sim::CallPlan plan;
    plan.seconds = 9;
    plan.script = {{sim::Step::Kind::Pause, 60'000, {}, {}}};
    options.plans.push_back(plan);
    return options;
}

// The carrier reads nothing any more.
sim::SimulationOptions deafCarrier()
{
    sim::SimulationOptions options = world();
    options.carrier.calls = 0;
    sim::CallPlan plan;
    plan.seconds = 14;
    plan.faults = {sim::CallFault::StopReading};
    plan.faultSeconds = 0.5;
    options.plans.push_back(plan);
    return options;
}

QList<FlightEntry> flights(Rig &rig)
{
    QList<FlightEntry> entries;
    const QJsonArray listed = rig.operate(u"flights"_s)["flights"_L1].toArray();
    for (const QJsonValue &flight : listed)
        entries << FlightEntry::fromJson(flight.toObject());
    return entries;
}

Result<FlightRecord> recordOf(const QJsonObject &answer)
{
    if (answer.contains("error"_L1))
        return Error{answer["error"_L1].toString()};
    return FlightRecord::fromNdjson(answer["ndjson"_L1].toString().toUtf8());
}

// The first record of a stall with that cause.
std::optional<FlightRecord> stallRecord(Rig &rig, StallCause cause)
{
    const auto entries = flights(rig);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (entry->reason != name(FlightReason::Stall) || entry->cause != name(cause) || entry->name.isEmpty())
            continue;
        const auto record = recordOf(rig.operate(u"flight"_s, {{"flight"_L1, entry->name}}));
        return record ? std::optional(*record) : std::nullopt;
    }
    return std::nullopt;
}

int count(const FlightRecord &record, QLatin1StringView what)
{
    return int(std::count_if(record.events.begin(), record.events.end(),
                             [&](const FlightRecord::Event &event) { return event.what == what; }));
}

// The world of a replay: no carrier and no model but those of the record.
struct ReplayRig {
    explicit ReplayRig(const FlightRecord &record)
        : replayer(*sim::replayOf(record), {})
        , modelPort(*replayer.start())
        , gateway(nobody(), [this](config::Settings &settings, const Rig &) {
            settings.speech.url = QUrl(u"ws://127.0.0.1:%1/v1/realtime"_s.arg(modelPort));
        })
    {
        replayer.call(gateway.daemon->port());
    }
    [[nodiscard]] bool played()
    {
        return QTest::qWaitFor([this] { return replayer.done(); }, 40'000);
    }
    // The call is not over before the replayer is told so.
    [[nodiscard]] Result<FlightRecord> record()
    {
        const QJsonArray calls = gateway.operate(u"status"_s)["calls"_L1].toArray();
        return recordOf(gateway.operate(u"freeze"_s, {{"call_sid"_L1, calls[0]["call_sid"_L1]}}));
    }
    static sim::SimulationOptions nobody()
    {
        sim::SimulationOptions options = world();
        options.carrier.calls = 0;
        options.runModel = false;
        return options;
    }

    sim::Replayer replayer;
    quint16 modelPort;
    Rig gateway;
};

// One that was written by hand; times in milliseconds.
class Written
{
public:
    void add(qint64 ms, const QString &what, const QString &figures = {})
    {
        m_lines += u"{\"t_us\":%1,\"what\":\"%2\"%3}\n"_s.arg(ms * 1000).arg(what, figures).toUtf8();
    }
    void addDelta(qint64 ms, int item, int bytes)
    {
        add(ms, u"delta"_s, u",\"bytes\":%1,\"item\":%2"_s.arg(bytes).arg(item));
    }
    void addAudioDone(qint64 ms, int item) { add(ms, u"audio_done"_s, u",\"item\":%1"_s.arg(item)); }
    void addSent(qint64 ms, int backlog) { add(ms, u"sent"_s, u",\"late_us\":0,\"backlog\":%1"_s.arg(backlog)); }
    [[nodiscard]] FlightRecord record(qint64 untilMs) const
    {
        const QByteArray head = "{\"flight\":1,\"reason\":\"asked\",\"from_us\":0,\"until_us\":"
                                + QByteArray::number(untilMs * 1000) + "}\n";
        return *FlightRecord::fromNdjson(head + m_lines);
    }

private:
    QByteArray m_lines;
};

} // namespace

class TestFlight : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aStallComesBackInAReplay_data()
    {
        QTest::addColumn<bool>("modelsFault");
        QTest::newRow("queue starved") << true;
        QTest::newRow("socket full") << false;
    }
    void aStallComesBackInAReplay()
    {
        QFETCH(bool, modelsFault);
        const StallCause cause = modelsFault ? StallCause::Starved : StallCause::SocketFull;
        std::optional<FlightRecord> record;
        {
            Rig rig(modelsFault ? slowModel() : deafCarrier());
            rig.run();
            record = stallRecord(rig, cause);
            QVERIFY2(record, "the simulated trouble made no stall");
            // The call's own figures know of it, also where no frame came after it.
            QCOMPARE(rig.ask(u"SELECT stalls > 0 AND stalled_ms > 120 AND worst_gap_us > 120000 FROM calls"_s).toInt(),
                     1);
        }
        QCOMPARE(record->about.cause, name(cause));
        QVERIFY(record->about.durationMs > 120);
        QVERIFY(count(*record, "sent"_L1) > 20);
        QVERIFY(count(*record, "media"_L1) > 20);
        QVERIFY(count(*record, "delta"_L1) > 0);
        QVERIFY(count(*record, "stall_over"_L1) > 0);
        QVERIFY(count(*record, "full"_L1) > 0 || modelsFault);

        ReplayRig again(*record);
        QVERIFY(again.played());
        const sim::ReplayVerdict verdict = again.replayer.finish();
        QVERIFY2(verdict.played, verdict.problem.c_str());
        QVERIFY(verdict.frames > 20);
        std::optional<FlightRecord> second;
        QVERIFY2(QTest::qWaitFor([&] { return (second = stallRecord(again.gateway, cause)).has_value(); }, 5000),
                 "the replay made no such stall");
        if (modelsFault) // of about the same length
            QVERIFY2(std::abs(second->about.durationMs - record->about.durationMs) < 200,
                     qPrintable(u"%1 %2"_s.arg(second->about.durationMs).arg(record->about.durationMs)));
    }

    // The model goes on for a moment with what the caller has interrupted: nobody heard that, and nobody hears it again.
    void lateAudioIsDiscardedInAReplayAsWell()
    {
        Written written;
        written.add(100, u"response"_s);
        written.addDelta(110, 1, 150 * 160); // more than the caller lets it say
        written.add(210, u"caller_speaks"_s);
        written.add(210, u"barge_in"_s);
        written.add(250, u"late_delta"_s, u",\"bytes\":800"_s);
        written.add(260, u"response_done"_s);
        written.add(400, u"caller_stops"_s);
        written.add(700, u"response"_s);
        written.addDelta(710, 2, 10 * 160);
        written.addAudioDone(720, 2);
        written.add(730, u"response_done"_s);
        // And audio of the caller with a hole.
        written.add(800, u"media"_s, u",\"bytes\":160,\"hole_ms\":0"_s);
        written.add(900, u"media"_s, u",\"bytes\":160,\"hole_ms\":80"_s);
        ReplayRig again(written.record(1500));
        QVERIFY(again.played());
        const auto record = again.record();
        QVERIFY2(record, record ? "" : qPrintable(record.error()));
        QCOMPARE(count(*record, "late_delta"_L1), 1);
        QCOMPARE(count(*record, "barge_in"_L1), 1);
        const auto &events = record->events;
        const auto clear = std::find_if(events.begin(), events.end(),
                                        [](const FlightRecord::Event &event) { return event.what == "clear"_L1; });
        QVERIFY(clear != events.end());
        QCOMPARE(std::count_if(clear, events.end(),
                               [](const FlightRecord::Event &event) { return event.what == "sent"_L1; }),
                 10);
        QVERIFY(!stallRecord(again.gateway, StallCause::Starved));
        QList<qint64> holes;
        for (const FlightRecord::Event &event : record->events) {
            if (event.what == "media"_L1)
                holes << event.figure("hole_ms"_L1);
        }
        QCOMPARE(holes, (QList<qint64>{0, 80}));
    }

    // It reads less than it is sent: the socket is full again and again, as it was.
    void aCarrierThatReadsSlowlyDoesSoInAReplay()
    {
        constexpr qint64 kFirstMs = 3000;
        constexpr qint64 kFirstFullMs = 2000; // this kernel may take more than another
        constexpr qint64 kFullMs = 1000;      // a worker that is late for half of it spoils nothing
        constexpr qint64 kFreeMs = 800;       // a kernel that had no room makes that much before it says so
        constexpr int kTimes = 3;
        Written written;
        written.add(0, u"response"_s);
        written.addDelta(0, 1, 60'000);
        written.addDelta(1, 1, 20'000);
        int backlog = 500;
        qint64 ms = 20;
        const auto addSent = [&](qint64 untilMs) {
            for (; ms < untilMs; ms += 20)
                written.addSent(ms, --backlog);
        };
        const auto addFull = [&](qint64 untilMs) {
            for (; ms < untilMs; ms += 20)
                written.add(ms, u"full"_s, u",\"unsent_bytes\":300,\"backlog\":%1"_s.arg(backlog));
        };
        addSent(kFirstMs);
        addFull(ms + kFirstFullMs);
        for (int i = 0; i < kTimes; ++i) {
            addSent(ms + kFreeMs);
            addFull(ms + kFullMs);
        }
        addSent(ms + kFreeMs);
        ReplayRig again(written.record(ms));
        QVERIFY(again.played());
        const auto record = again.record();
        QVERIFY2(record, record ? "" : qPrintable(record.error()));
        // The record's clock began with the call, the script's with the first answer.
        const auto answer = std::find_if(record->events.begin(), record->events.end(),
                                         [](const FlightRecord::Event &event) { return event.what == "response"_L1; });
        QVERIFY(answer != record->events.end());
        for (int i = 0; i < kTimes; ++i) {
            const qint64 freeUs = answer->atUs + 1000 * (kFirstMs + kFirstFullMs + i * (kFreeMs + kFullMs));
            const qint64 untilUs = freeUs + 1000 * (kFreeMs + kFullMs);
            const auto times = [&](QLatin1StringView what) {
                return std::count_if(record->events.begin(), record->events.end(), [&](const auto &event) {
                    return event.what == what && event.atUs >= freeUs && event.atUs < untilUs;
                });
            };
            QVERIFY2(times("full"_L1) > 5, qPrintable(u"%1: %2"_s.arg(i).arg(times("full"_L1))));
            QVERIFY2(times("sent"_L1) > 20, qPrintable(u"%1: %2"_s.arg(i).arg(times("sent"_L1))));
        }
    }

    void onDemand()
    {
        sim::SimulationOptions options = world();
        options.carrier.seconds = 30;
        Rig rig(options);
        rig.begin();
        QString callSid;
        QVERIFY(QTest::qWaitFor(
            [&] {
                const QJsonArray calls = rig.operate(u"status"_s)["calls"_L1].toArray();
                callSid = calls.isEmpty() ? QString() : calls[0]["call_sid"_L1].toString();
                return !callSid.isEmpty() && calls[0]["frames_sent"_L1].toInteger() > 30;
            },
            20'000));
        const QJsonObject answer = rig.operate(u"freeze"_s, {{"call_sid"_L1, callSid}});
        const auto live = recordOf(answer);
        QVERIFY2(live, qPrintable(answer["error"_L1].toString()));
        QCOMPARE(live->about.reason, u"asked"_s);
        QCOMPARE(live->about.callSid, callSid);
        QVERIFY(count(*live, "sent"_L1) > 30);
        const QString name = answer["flight"_L1].toString();
        QVERIFY(QFile::exists(rig.path(u"flight/%1.ndjson"_s.arg(name))));

        // Over: then it is the record that there is. And of nobody there is none.
        rig.operate(u"hangup"_s, {{"call_sid"_L1, callSid}});
        QVERIFY(QTest::qWaitFor([&] { return rig.operate(u"status"_s)["calls"_L1].toArray().isEmpty(); }, 20'000));
        QCOMPARE(rig.operate(u"freeze"_s, {{"call_sid"_L1, callSid}})["flight"_L1].toString(), name);
        QVERIFY(rig.operate(u"freeze"_s, {{"call_sid"_L1, u"CA0"_s}}).contains("error"_L1));
        QCOMPARE(flights(rig).size(), 1);
    }

    void aCrashLeavesARecordOfEachCall_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("segmentation fault") << SIGSEGV;
        QTest::newRow("abort: an assertion, or the watchdog") << SIGABRT;
        QTest::newRow("bus error") << SIGBUS;
    }
    void aCrashLeavesARecordOfEachCall()
    {
        QFETCH(int, number);
        constexpr int kCalls = 3;
        sim::SimulationOptions options = world();
        options.carrier.calls = kCalls;
        options.carrier.seconds = 60;
        sim::Simulation simulation(options);
        const auto modelPort = simulation.start();
        QVERIFY(modelPort);
        QTemporaryDir dir;
        QProcess gateway;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"OPENAI_API_KEY"_s, u"sk-test"_s);
        environment.insert(u"TAKT_LISTEN"_s, u"127.0.0.1:0"_s);
        environment.insert(u"TAKT_ADMIN_LISTEN"_s, u"127.0.0.1:0"_s);
        environment.insert(u"TAKT_ADMISSION_MAX_LATE_MS"_s, u"0"_s);
        environment.insert(u"TAKT_DATA_DIR"_s, dir.path());
        environment.insert(u"TAKT_CONTROL_SOCKET"_s, dir.filePath(u"takt.sock"_s));
        environment.insert(u"TAKT_SPEECH_URL"_s, u"ws://127.0.0.1:%1/v1/realtime"_s.arg(*modelPort));
        // AddressSanitizer would make an exit of the signal: here its course is what matters.
        environment.insert(u"ASAN_OPTIONS"_s,
                           environment.value(u"ASAN_OPTIONS"_s) + u":handle_segv=0:handle_sigbus=0"_s);
        gateway.setProcessEnvironment(environment);
        gateway.start(QStringLiteral(TAKT_GATEWAY), {u"--insecure"_s});
        QString log;
        static const QRegularExpression s_port(u"listens on 127.0.0.1:(\\d+)"_s);
        const auto says = [&](const QRegularExpression &words) {
            log += QString::fromUtf8(gateway.readAllStandardError());
            return words.match(log).hasMatch();
        };
        QVERIFY(QTest::qWaitFor([&] { return says(s_port); }, 20'000));
        simulation.call(s_port.match(log).captured(1).toUShort());
        QTest::qWait(4000); // all of them talk
        // A busy machine may have written records of stalls already: they are not meant.
        const auto crashes = [&] {
            return QDir(dir.filePath(u"flight"_s), u"*-crash.ndjson"_s, QDir::Name, QDir::Files).entryInfoList();
        };
        QVERIFY(crashes().isEmpty());
        ::kill(pid_t(gateway.processId()), number);
        QVERIFY(QTest::qWaitFor([&] { return gateway.state() == QProcess::NotRunning; }, 20'000));
        QCOMPARE(gateway.exitStatus(), QProcess::CrashExit); // the signal has taken its course

        const QFileInfoList records = crashes();
        QCOMPARE(records.size(), kCalls);
        QSet<QString> calls;
        for (const QFileInfo &info : records) {
            QFile file(info.filePath());
            QVERIFY(!(file.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const auto record = FlightRecord::fromNdjson(file.readAll());
            QVERIFY2(record, qPrintable(record ? QString() : record.error()));
            QCOMPARE(record->about.reason, u"crash"_s);
            QCOMPARE(record->head["signal"_L1].toInt(), number);
            QVERIFY(count(*record, "sent"_L1) > 20);
            QVERIFY(count(*record, "media"_L1) > 50);
            QVERIFY(record->untilUs - record->events.back().atUs < 1'000'000); // up to the last moment
            calls << record->about.callSid;
        }
        QCOMPARE(calls.size(), kCalls);
        (void)simulation.finish();
    }
};

QTEST_GUILESS_MAIN(TestFlight)
#include "tst_flight.moc"
