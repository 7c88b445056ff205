// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings as a gateway downloads them: what was really said, in both channels; and their states.
// Their faults are in tst_sim_media.cpp.
#include "media/g711.h"
#include "sim/ai/voiced.h"
#include "sim/phone/form.h"
#include "sim/phone/recordingstore.h"
#include "sim/phonetest.h"
#include "sim/worktest.h"

#include <QElapsedTimer>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::sim;

class TestSimRecordings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bothSidesOfACall();
    void theRecordingThatCameToNothing();
    void statesAndErrors();
    void channels();
    void deletion();
    void lateCallbacks();
    void noCallbacks();
    void longOnesNeedNoMemory();
    void theOldestGo();

private:
    static std::unique_ptr<PhoneRig> rig();
    static QJsonObject recordingOf(const Simulation &world, const std::string &callSid);
};

namespace {

constexpr auto kCall = "CA0123456789abcdef0123456789abcdef";

std::unique_ptr<Simulation> quiet(const FaultBoard::Values &faults = {})
{
    SimulationOptions options = quietWorld();
    options.phone.restFaults.media = faults;
    auto world = std::make_unique<Simulation>(options);
    const auto started = world->start();
    if (!started)
        qFatal("%s", qPrintable(started.error()));
    return world;
}

// Where these samples begin in a track, or -1.
std::int64_t positionOf(const std::vector<std::int16_t> &clip, const std::vector<std::int16_t> &track)
{
    const auto found = std::search(track.begin(), track.end(), clip.begin(), clip.end());
    return found == track.end() ? -1 : found - track.begin();
}

std::vector<std::int16_t> overTheLine(const std::vector<std::int16_t> &speech)
{
    std::vector<std::int16_t> out;
    for (const std::int16_t sample : speech)
        out.push_back(media::decodeMuLaw(media::encodeMuLaw(sample)));
    return out;
}

} // namespace

std::unique_ptr<PhoneRig> TestSimRecordings::rig()
{
    auto made = std::make_unique<PhoneRig>();
    made->options.phone.rest = true;
    CallPlan plan = PhoneRig::plan(6.7);
    plan.callSid = kCall;
    plan.script = {{Step::Kind::AwaitAgent, 8000, {}, '1'},
                   {Step::Kind::AwaitSilence, 700, {}, '1'},
                   {Step::Kind::Say, 0, {0}, '1'},
                   {Step::Kind::Pause, 60'000, {}, '1'}};
    made->options.plans = {plan};
    return made;
}

// Once it is no longer being made.
QJsonObject TestSimRecordings::recordingOf(const Simulation &world, const std::string &callSid)
{
    QElapsedTimer timer;
    timer.start();
    QJsonObject recording;
    while (timer.elapsed() < 12'000) {
        const WorkReply list = askAccount(world, "GET", "/Calls/" + callSid + "/Recordings.json");
        recording = list.json.value(u"recordings"_s).toArray().at(0).toObject();
        const QString status = recording.value(u"status"_s).toString();
        if (status == u"completed" || status == u"absent")
            break;
        QTest::qWait(30);
    }
    return recording;
}

void TestSimRecordings::bothSidesOfACall()
{
    const Voices voices = Voices::synthetic();
    WorkReply dual;
    WorkReply mono;
    QJsonObject recording;
    WorkReply left;
    WorkReply right;
    std::uint16_t restPort = 0;
    std::vector<std::int16_t> agent;
    decltype(voicedStretches(agent, 8000)) stretches;
    const auto hear = [&](Simulation &world) {
        restPort = world.restPort();
        recording = recordingOf(world, kCall);
        const std::string path = "/Recordings/" + recording.value(u"sid"_s).toString().toStdString();
        dual = askAccount(world, "GET", path + ".wav?RequestedChannels=2");
        mono = askAccount(world, "GET", path + "?RequestedChannels=1");
        const Params fields{{"model", "whisper-1"}, {"response_format", "verbose_json"}};
        left = transcribe(world.aiPort(), wavOf(channelOf(dual.http.body, 0, 2)), fields);
        right = transcribe(world.aiPort(), wavOf(channelOf(dual.http.body, 1, 2)), fields);
    };
    // A host that stands still in the first sentence cuts it in two, and the recording says so truly: then once more.
    const auto firstIsWhole = [&] { return std::abs(stretches[0].ms() - voices.agent[0].ms()) < 80; };
    std::unique_ptr<PhoneRig> rig;
    Verdict verdict;
    for (int attempt = 0; attempt < 3 && (stretches.empty() || !firstIsWhole()); ++attempt) {
        rig = TestSimRecordings::rig();
        rig->options.ai.enabled = true;
        verdict = rig->run(hear);
        QVERIFY2(verdict.ok(), qPrintable(verdict.text()));
        QCOMPARE(dual.status(), 200);
        agent = channelOf(dual.http.body, 1, 2);
        stretches = voicedStretches(agent, 8000);
        QVERIFY(stretches.size() >= 2); // the greeting, and an answer
    }
    QCOMPARE(dual.http.head.header("content-type"), std::string("audio/x-wav"));
    QCOMPARE(recording.value(u"channels"_s).toInt(), 2);
    const auto caller = channelOf(dual.http.body, 0, 2);
    QVERIFY(std::abs(recording.value(u"duration"_s).toString().toInt() - int(caller.size() / 8000)) <= 1);
    const std::int64_t said = positionOf(overTheLine(voices.caller[0].speech), caller);
    QVERIFY(said > 0); // every sample of it
    QCOMPARE(positionOf(overTheLine(voices.caller[0].speech), agent), -1);
    QVERIFY2(firstIsWhole(), qPrintable(QString::number(stretches[0].ms())));
    QVERIFY(said / 8 - stretches[0].endMs > 600); // the caller waited for 700 ms of silence
    QVERIFY(said / 8 - stretches[0].endMs < 1200);
    // Mixed: the sum of both.
    const auto mixed = channelOf(mono.http.body, 0, 1);
    QCOMPARE(mixed.size(), caller.size());
    for (std::size_t i = 0; i < mixed.size(); ++i)
        QCOMPARE(int(mixed[i]), std::clamp(int(caller[i]) + int(agent[i]), -32768, 32767));
    // What was said comes back as text, at its time.
    const QJsonArray heard = left.json.value(u"segments"_s).toArray();
    QCOMPARE(heard.size(), 1);
    QCOMPARE(heard[0].toObject().value(u"text"_s).toString(), u" caller phrase 0"_s);
    QVERIFY(std::abs(heard[0].toObject().value(u"start"_s).toDouble() - double(said) / 8000) < 0.07);
    const QJsonArray spoken = right.json.value(u"segments"_s).toArray();
    QVERIFY(spoken.size() >= 2);
    QCOMPARE(spoken[0].toObject().value(u"text"_s).toString(), u" agent sentence 0"_s);
    QVERIFY(spoken[1].toObject().value(u"text"_s).toString().startsWith(u" agent")); // until the caller hung up
    QCOMPARE(verdict.work.recordings, 1);
    QCOMPARE(verdict.work.downloads, 2);
    QCOMPARE(verdict.work.transcriptions, 2);
    // The callback leads to this very server.
    QVERIFY(!rig->seenAt("/twilio/recording").empty());
    const std::string url = valueOf(rig->seenAt("/twilio/recording").back().params, "RecordingUrl");
    QVERIFY2(url.starts_with("http://127.0.0.1:" + std::to_string(restPort) + "/2010-04-01/Accounts/AC"), url.c_str());
}

void TestSimRecordings::theRecordingThatCameToNothing()
{
    const auto rig = TestSimRecordings::rig();
    rig->options.plans[0].seconds = 0.5;
    rig->options.phone.restFaults.media["absent"] = 1;
    WorkReply media;
    const Verdict verdict = rig->run([&](Simulation &world) {
        const QJsonObject recording = recordingOf(world, kCall);
        QCOMPARE(recording.value(u"status"_s).toString(), u"absent"_s);
        media = askAccount(world, "GET", "/Recordings/" + recording.value(u"sid"_s).toString().toStdString());
    });
    QCOMPARE(media.status(), 404);
    QCOMPARE(valueOf(rig->seenAt("/twilio/recording").back().params, "RecordingStatus"), std::string("absent"));
    QCOMPARE(verdict.work.absent, 1);
}

void TestSimRecordings::statesAndErrors()
{
    const auto rig = TestSimRecordings::rig();
    rig->options.plans[0].seconds = 1;
    rig->run([&](Simulation &world) {
        WorkReply list;
        QTRY_VERIFY_WITH_TIMEOUT(
            (list = askAccount(world, "GET", std::string("/Calls/") + kCall + "/Recordings.json")).status() == 200
                && !list.json.value(u"recordings"_s).toArray().isEmpty(),
            5000);
        const QJsonObject live = list.json.value(u"recordings"_s).toArray()[0].toObject();
        QCOMPARE(live.value(u"status"_s).toString(), u"in-progress"_s);
        QVERIFY(live.value(u"duration"_s).isNull());
        const std::string path = "/Recordings/" + live.value(u"sid"_s).toString().toStdString();
        const WorkReply early = askAccount(world, "GET", path); // not completed yet
        QCOMPARE(early.status(), 404);
        QCOMPARE(early.json.value(u"code"_s).toInt(), 20404);
        QCOMPARE(askAccount(world, "DELETE", path).status(), 400);
        QCOMPARE(askAccount(world, "GET", path + ".json").json.value(u"call_sid"_s).toString(),
                 QString::fromLatin1(kCall));
        QCOMPARE(recordingOf(world, kCall).value(u"status"_s).toString(), u"completed"_s);
        QCOMPARE(askAccount(world, "GET", path).status(), 200);
        QCOMPARE(askAccount(world, "GET", path + ".mp3").status(), 404); // it can't
        QCOMPARE(askAccount(world, "GET", "/Recordings/RE0").status(), 404);
        QCOMPARE(askAccount(world, "GET", "/Recordings/RE0.json").status(), 404);
        QCOMPARE(askAccount(world, "GET", "/Calls/CA0/Recordings.json").status(), 404);
        const std::string target = "/2010-04-01/Accounts/" + world.accountSid() + path;
        const WorkReply stranger = askPort(world.restPort(), "GET", target);
        QCOMPARE(stranger.status(), 401);
        QVERIFY(!stranger.http.head.header("www-authenticate").empty());
        QCOMPARE(world.mediaLog().back().status, 401);
        QVERIFY(!world.mediaLog().back().authorized);
    });
}

void TestSimRecordings::channels()
{
    const auto world = quiet({{"media-mono", 1}});
    const std::string mono = world->addRecording(kCall, 5, 1);
    const std::string dual = world->addRecording(kCall, 5, 2);
    const auto get = [&](const std::string &sid, const std::string &query) {
        return askAccount(*world, "GET", "/Recordings/" + sid + ".wav" + query);
    };
    QCOMPARE(get(mono, "?RequestedChannels=2").status(), 400);
    QCOMPARE(get(mono, "").http.body.size(), std::size_t(44 + 5 * 16000));
    const WorkReply refused = get(dual, "?RequestedChannels=2"); // on purpose
    QCOMPARE(refused.status(), 400);
    QCOMPARE(world->mediaLog().back().fault, std::string("media-mono"));
    QCOMPARE(get(dual, "?RequestedChannels=1").http.body.size(), std::size_t(44 + 5 * 16000));
    const WorkReply both = get(dual, "?RequestedChannels=2");
    QCOMPARE(both.http.body.size(), std::size_t(44 + 5 * 32000));
    QCOMPARE(both.http.body.substr(0, 4), std::string("RIFF"));
    QCOMPARE(int(both.http.body[22]), 2);
    QCOMPARE(get(dual, "").http.body, both.http.body); // as it was recorded
    QCOMPARE(get(dual, "?RequestedChannels=3").status(), 400);
}

void TestSimRecordings::deletion()
{
    const auto world = quiet();
    const std::string sid = world->addRecording(kCall, 2);
    QCOMPARE(askAccount(*world, "GET", std::string("/Calls/") + kCall + "/Recordings.json")
                 .json.value(u"recordings"_s)
                 .toArray()
                 .size(),
             1);
    QCOMPARE(askAccount(*world, "DELETE", "/Recordings/" + sid + ".json").status(), 204);
    QCOMPARE(askAccount(*world, "GET", "/Recordings/" + sid).status(), 404);
    QCOMPARE(askAccount(*world, "GET", "/Recordings/" + sid + ".json").status(), 404);
    QCOMPARE(askAccount(*world, "DELETE", "/Recordings/" + sid).status(), 404);
    QCOMPARE(world->work().deleted, 1);
}

void TestSimRecordings::lateCallbacks()
{
    const auto rig = TestSimRecordings::rig();
    rig->options.plans[0].seconds = 0.5;
    rig->options.phone.restFaults.media["callback-late"] = 1;
    double completedAt = 0;
    double doneAt = 0;
    QElapsedTimer timer;
    timer.start();
    rig->run([&](Simulation &world) {
        QCOMPARE(recordingOf(world, kCall).value(u"status"_s).toString(), u"completed"_s);
        completedAt = double(timer.elapsed());
        QVERIFY(world.waitUntilDone(10'000)); // which waits for the callback
        doneAt = double(timer.elapsed());
    });
    QVERIFY2(doneAt - completedAt > 850, qPrintable(QString::number(doneAt - completedAt)));
    QCOMPARE(valueOf(rig->seenAt("/twilio/recording").back().params, "RecordingStatus"), std::string("completed"));
}

void TestSimRecordings::noCallbacks()
{
    const auto rig = TestSimRecordings::rig();
    rig->options.plans[0].seconds = 0.5;
    rig->options.phone.restFaults.media["callback-never"] = 1;
    rig->run(
        [&](Simulation &world) { QCOMPARE(recordingOf(world, kCall).value(u"status"_s).toString(), u"completed"_s); });
    QVERIFY(rig->finished);
    QCOMPARE(rig->seenAt("/twilio/recording").size(), std::size_t(1)); // in-progress
    QCOMPARE(valueOf(rig->seenAt("/twilio/recording")[0].params, "RecordingStatus"), std::string("in-progress"));
}

void TestSimRecordings::longOnesNeedNoMemory()
{
    const auto world = quiet();
    const std::string sid = world->addRecording(kCall, 600);
    const WorkReply reply = askAccount(*world, "GET", "/Recordings/" + sid);
    QCOMPARE(reply.http.body.size(), std::size_t(44 + 600 * 32000));
    const auto caller = channelOf(reply.http.body, 0, 2);
    const auto stretches = voicedStretches(caller, 8000);
    QVERIFY(stretches.size() > 50);
    QVERIFY(stretches.back().endMs > 560'000);
    QCOMPARE(askAccount(*world, "GET", "/Recordings/" + sid + ".json").json.value(u"duration"_s).toString(), u"600"_s);
    // Another recording says the same in another order.
    const WorkReply other = askAccount(*world, "GET", "/Recordings/" + world->addRecording(kCall, 30));
    QVERIFY(other.http.body.substr(44) != reply.http.body.substr(44, 30 * 32000));
}

void TestSimRecordings::theOldestGo()
{
    WorkLog log;
    int learnt = 0;
    RecordingStore store(
        "AC1", log, [&](const std::string &, const RecordedAudioPtr &) { ++learnt; }, 1);
    store.setMaxBytes(25'000);
    std::vector<StoredPtr> made;
    for (int i = 0; i < 3; ++i) {
        RecordedAudio audio;
        audio.tracks[0].assign(10'000, '\x55');
        audio.samples = 10'000;
        made.push_back(store.begin("CA1", "test"));
        store.complete(made.back(), std::move(audio));
    }
    QCOMPARE(learnt, 3);
    QVERIFY(!made[0]->audio);
    QVERIFY(made[1]->audio && made[2]->audio);
    QVERIFY(store.remove(made[1]->sid));
    QVERIFY(!store.remove(made[1]->sid));
    QCOMPARE(store.ofCall("CA1").size(), std::size_t(2));
    QVERIFY(store.ofCall("CA2").empty());
    QVERIFY(store.urlOf(*made[2]).starts_with("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE"));
}

QTEST_GUILESS_MAIN(TestSimRecordings)
#include "tst_sim_recordings.moc"
