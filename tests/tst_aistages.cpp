// SPDX-License-Identifier: GPL-3.0-or-later
// The three stages that ask AI servers, one after the other, against the simulator's: it knows what was said in the
// recordings that it gives out, and is as strict as the servers that it stands for.
#include "jobs/stages/stages.h"

#include "jobs/transcript.h"
#include "sim/worktest.h"
#include "support/airig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;
using namespace takt::test;

namespace {

std::unique_ptr<sim::Simulation> world(sim::AiFlavour flavour, const sim::FaultBoard::Values &faults = {})
{
    sim::SimulationOptions options = sim::quietWorld();
    options.ai.enabled = true;
    options.ai.flavour = flavour;
    options.ai.faults = faults;
    auto made = std::make_unique<sim::Simulation>(options);
    const auto started = made->start();
    if (!started)
        qFatal("%s", qPrintable(started.error()));
    return made;
}

// A call of 40 seconds, recorded by the simulated carrier, its channels as the stage before leaves them.
void putRecordedCall(AiRig &ai, sim::Simulation &carrier)
{
    ai.putConversation();
    const std::string sid = carrier.addRecording(JobRig::kCallSid.toStdString(), 40);
    const std::string wav = sim::askAccount(carrier, "GET", "/Recordings/" + sid).http.body;
    for (const auto &[kind, channel] : {std::pair(u"caller"_s, size_t(0)), std::pair(u"agent"_s, size_t(1))}) {
        const std::string mono = sim::wavOf(sim::channelOf(wav, channel, 2));
        ai.rig.putFile(kind, kind % ".wav"_L1, QByteArray(mono.data(), qsizetype(mono.size())));
    }
}

QUrl urlOf(const sim::Simulation &simulation, const QString &path)
{
    return QUrl(u"http://127.0.0.1:%1%2"_s.arg(simulation.aiPort()).arg(path));
}

// As often as a job may; how many attempts it took.
int runUntilDone(AiRig &ai, Stage stage, JobRig::StageFunction function)
{
    ai.rig.job.attempt = 0;
    ai.rig.job.checkpoint = {};
    for (int attempt = 1; attempt <= 10; ++attempt) {
        ai.nextAttempt(stage);
        const store::Outcome outcome = ai.rig.run(stage, function);
        if (outcome.kind == AttemptOutcome::Retry)
            continue;
        if (outcome.kind != AttemptOutcome::Completed)
            qWarning("%s", qPrintable(outcome.reason));
        ai.rig.keep(stage, outcome);
        return outcome.kind == AttemptOutcome::Completed ? attempt : -1;
    }
    return -1;
}

} // namespace

class TestAiStages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void allThree_data()
    {
        using sim::AiFlavour;
        QTest::addColumn<AiFlavour>("ears");
        QTest::addColumn<AiFlavour>("brain");
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("path"); // empty: OpenAI's
        QTest::newRow("OpenAI, whisper-1") << AiFlavour::OpenAi << AiFlavour::OpenAi << u"whisper-1"_s << u""_s;
        QTest::newRow("OpenAI, text only")
            << AiFlavour::OpenAi << AiFlavour::OpenAi << u"gpt-4o-mini-transcribe"_s << u""_s;
        QTest::newRow("whisper.cpp and llama.cpp")
            << AiFlavour::WhisperCpp << AiFlavour::LlamaCpp << u"whisper-1"_s << u"/inference"_s;
        QTest::newRow("whisper.cpp and Ollama")
            << AiFlavour::WhisperCpp << AiFlavour::Ollama << u"whisper-1"_s << u"/inference"_s;
    }
    void allThree()
    {
        QFETCH(sim::AiFlavour, ears);
        QFETCH(sim::AiFlavour, brain);
        QFETCH(QString, model);
        QFETCH(QString, path);
        const auto hearing = world(ears);
        const auto thinking = world(brain);
        AiRig ai;
        putRecordedCall(ai, *hearing);
        ai.rig.settings.openai.transcriptionModel = model;
        ai.rig.settings.openai.transcriptionUrl = urlOf(*hearing,
                                                        path.isEmpty() ? u"/v1/audio/transcriptions"_s : path);
        ai.rig.settings.openai.baseUrl = urlOf(*thinking, u"/v1"_s);

        QCOMPARE(runUntilDone(ai, Stage::Transcribe, transcribe), 1);
        const Transcript transcript = transcriptOf(ai.rig.dossier());
        QCOMPARE(transcript.source, u"recording"_s);
        QVERIFY(transcript.segments.size() >= 6);
        for (qsizetype i = 0; i < transcript.segments.size(); ++i) {
            const Segment &segment = transcript.segments.at(i);
            QVERIFY2(segment.text.contains(segment.speaker), qPrintable(segment.text)); // "agent sentence 3"
            if (i > 0)
                QVERIFY(segment.startMs >= transcript.segments.at(i - 1).startMs);
        }
        QCOMPARE(runUntilDone(ai, Stage::Summarize, summarize), 1);
        QVERIFY(ai.rig.dossier().results.value(Stage::Summarize).value("summary"_L1).isString());
        QCOMPARE(runUntilDone(ai, Stage::Extract, extract), 1);
        QCOMPARE(ai.rig.dossier().results.value(Stage::Extract).size(), 8);
    }

    void faults_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<int>("attempts"); // of all stages that meet it; each fault happens once
        for (const char *fault :
             {"audio-500", "audio-429", "audio-drop-after", "chat-503", "chat-drop-before", "invalid-json"})
            QTest::newRow(fault) << QString::fromLatin1(fault) << 4;
        for (const char *fault : {"fences", "length", "no-words", "hallucination", "null"})
            QTest::newRow(fault) << QString::fromLatin1(fault) << 3;
    }
    void faults()
    {
        QFETCH(QString, fault);
        const auto simulation = world(sim::AiFlavour::OpenAi, {{fault.toStdString(), 1}});
        AiRig ai;
        putRecordedCall(ai, *simulation);
        ai.rig.settings.openai.baseUrl = urlOf(*simulation, u"/v1"_s);
        const int attempts = runUntilDone(ai, Stage::Transcribe, transcribe)
                             + runUntilDone(ai, Stage::Summarize, summarize)
                             + runUntilDone(ai, Stage::Extract, extract);
        QTEST(attempts, "attempts");
    }
};

QTEST_GUILESS_MAIN(TestAiStages)
#include "tst_aistages.moc"
