// SPDX-License-Identifier: GPL-3.0-or-later
// The recording's channels to text, against servers of several kinds, over real sockets.
#include "jobs/stages/stages.h"

#include "jobs/transcript.h"
#include "support/airig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;
using namespace takt::test;

namespace {

QJsonObject part(double start, double end, const QString &text)
{
    return {
        {u"start"_s, start}, {u"end"_s, end}, {u"text"_s, text}, {u"no_speech_prob"_s, 0.01}, {u"avg_logprob"_s, -0.2}};
}
HttpSay heard(const QJsonArray &segments, const QString &language = u"english"_s)
{
    return say({{u"language"_s, language}, {u"text"_s, u"..."_s}, {u"segments"_s, segments}});
}
HttpSay textOnly(const QString &text)
{
    return say({{u"text"_s, text}});
}

// The agent speaks from 0 to 2 s, the caller from 3 to 5 s, at 8 kHz to be quick.
struct Recorded : AiRig {
    Recorded()
    {
        putConversation();
        rig.settings.openai.textModel.clear();
    }
    void putChannels()
    {
        put(u"caller"_s, {{3000, 0}, {2000}, {1000, 0}});
        put(u"agent"_s, {{2000}, {4000, 0}});
    }
    void put(const QString &kind, const QList<Sound> &sounds)
    {
        rig.putFile(kind, kind % ".wav"_L1, wavOf(sounds, 8000));
    }
    store::Outcome run() { return rig.run(Stage::Transcribe, transcribe); }
    // Which channels' pieces were sent, and how long they were.
    [[nodiscard]] QStringList sent() const
    {
        QStringList all;
        for (const HttpSeen &seen : server.requests) {
            const Uploaded uploaded = uploadedIn(seen);
            all << QString::fromUtf8(uploaded.fileName.chopped(4)) % u' ' % QString::number(uploaded.fileMs);
        }
        return all;
    }
};

QStringList shown(const store::Outcome &outcome)
{
    QStringList all;
    for (const Segment &s : segmentsFrom(outcome.effects.result.value("segments"_L1).toArray()))
        all << u"%1 %2-%3 %4"_s.arg(s.speaker).arg(s.startMs).arg(s.endMs).arg(s.text);
    return all;
}

const QStringList kBothGone{u"caller"_s, u"agent"_s};

} // namespace

class TestTranscribe : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bothSides()
    {
        Recorded ai;
        ai.putChannels();
        ai.script = {heard({part(0, 5, u" I need a plumber."_s)}), heard({part(0, 2, u" How can I help?"_s)})};
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Completed);
        // The caller's first sentence begins where it is heard, not where the model says.
        QCOMPARE(shown(outcome),
                 (QStringList{u"agent 0-2000 How can I help?"_s, u"caller 3000-5000 I need a plumber."_s}));
        QCOMPARE(outcome.effects.result.value("source"_L1).toString(), u"recording"_s);
        QCOMPARE(outcome.effects.result.value("language"_L1).toString(), u"en"_s);
        QCOMPARE(outcome.effects.artifactsGone, kBothGone);
        QCOMPARE(ai.sent(), (QStringList{u"caller 6000"_s, u"agent 6000"_s}));
        QCOMPARE(ai.server.targets().first(), QByteArray("/v1/audio/transcriptions"));
        QCOMPARE(ai.server.requests.first().headers.value("authorization"), QByteArray("Bearer sk-test-key"));
        // And the stages behind it read it.
        ai.rig.keep(Stage::Transcribe, outcome);
        QCOMPARE(asText(transcriptOf(ai.rig.dossier())), u"Agent: How can I help?\nCaller: I need a plumber."_s);
        QVERIFY(ai.rig.value(u"SELECT progress_text FROM jobs WHERE stage = 'transcribe'"_s)
                    .toString()
                    .contains(u"transcribed"_s));
    }

    void whatIsAsked_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("path"); // of a server of its own
        QTest::addColumn<QByteArray>("format");
        QTest::addColumn<QByteArray>("granularity");
        QTest::addColumn<QByteArray>("said"); // language
        const QByteArray verbose = "verbose_json";
        QTest::newRow("whisper-1") << u"whisper-1"_s << u""_s << u""_s << verbose << QByteArray("segment")
                                   << QByteArray();
        QTest::newRow("hebrew") << u"whisper-1"_s << u"he"_s << u""_s << verbose << QByteArray("segment")
                                << QByteArray("he");
        QTest::newRow("of a region") << u"whisper-1"_s << u"en-US"_s << u""_s << verbose << QByteArray("segment")
                                     << QByteArray("en");
        QTest::newRow("local model") << u"Systran/faster-whisper-small"_s << u"en"_s << u""_s << verbose
                                     << QByteArray("segment") << QByteArray("en");
        QTest::newRow("gpt-4o-transcribe")
            << u"gpt-4o-transcribe"_s << u"he"_s << u""_s << QByteArray("json") << QByteArray() << QByteArray("he");
        QTest::newRow("gpt-4o-mini-transcribe")
            << u"gpt-4o-mini-transcribe"_s << u""_s << u""_s << QByteArray("json") << QByteArray() << QByteArray();
        QTest::newRow("gpt-transcribe") << u"gpt-transcribe"_s << u""_s << u""_s << QByteArray("json") << QByteArray()
                                        << QByteArray();
        QTest::newRow("whisper.cpp") << u"whisper-1"_s << u""_s << u"/inference"_s << verbose << QByteArray("segment")
                                     << QByteArray("auto");
        QTest::newRow("whisper.cpp, hebrew")
            << u"whisper-1"_s << u"he"_s << u"/inference"_s << verbose << QByteArray("segment") << QByteArray("he");
    }
    void whatIsAsked()
    {
        QFETCH(QString, model);
        QFETCH(QString, language);
        QFETCH(QString, path);
        Recorded ai;
        ai.putChannels();
        config::Business business;
        business.speech.language = language;
        ai.useBusiness(business);
        ai.rig.settings.openai.transcriptionModel = model;
        if (!path.isEmpty())
            ai.rig.settings.openai.transcriptionUrl = ai.server.url(path);
        const bool timed = !model.startsWith(u"gpt"_s);
        ai.script = {timed ? heard({part(3, 5, u"a long enough text"_s)}) : textOnly(u"a long enough text"_s)};
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QCOMPARE(ai.requests(), 2);
        const Uploaded asked = uploadedIn(ai.server.requests.first());
        QCOMPARE(asked.value("model"), model.toUtf8());
        QTEST(asked.value("response_format"), "format");
        QTEST(asked.value("timestamp_granularities[]"), "granularity");
        QTEST(asked.value("language"), "said");
        QCOMPARE(asked.value("temperature"), QByteArray("0"));
        QCOMPARE(ai.server.targets().first(), path.isEmpty() ? QByteArray("/v1/audio/transcriptions") : path.toUtf8());
    }

    void skips_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("reason");
        for (const auto &[what, reason] :
             {std::pair(u"off"_s, u"offline transcription is off"_s), std::pair(u"no key"_s, u"no API key"_s),
              std::pair(u"no files"_s, u"no recording"_s), std::pair(u"silence"_s, u"no speech"_s),
              std::pair(u"a cough"_s, u"no speech"_s), std::pair(u"made up"_s, u"no speech"_s)})
            QTest::newRow(qPrintable(what)) << what << reason;
    }
    void skips()
    {
        QFETCH(QString, what);
        Recorded ai;
        if (what == "silence"_L1) {
            ai.put(u"caller"_s, {{3000, 30}});
            ai.put(u"agent"_s, {{3000, 0}});
        } else if (what != "no files"_L1) {
            ai.putChannels();
        }
        if (what == "off"_L1)
            ai.rig.settings.openai.transcriptionModel.clear();
        if (what == "no key"_L1) {
            ai.rig.settings.openai.apiKey.clear();
            ai.rig.settings.openai.baseUrl = QUrl(u"https://api.openai.com/v1"_s);
        }
        ai.script = {what == "a cough"_L1 ? heard({part(0, 5, u"Hm."_s)})
                                          : heard({part(2.3, 2.6, u"Thanks for watching!"_s)})};
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
        QTEST(outcome.reason, "reason");
        QVERIFY(outcome.effects.result.isEmpty());
        QCOMPARE(outcome.effects.artifactsGone, what == "no files"_L1 ? QStringList() : kBothGone);
        QCOMPARE(ai.requests(), what == "a cough"_L1 || what == "made up"_L1 ? 2 : 0);
    }
    void aLocalServerWantsNoKey()
    {
        Recorded ai;
        ai.putChannels();
        ai.rig.settings.openai.apiKey.clear();
        ai.script = {heard({part(3, 5, u"a long enough text"_s)})};
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QVERIFY(!ai.server.requests.first().headers.contains("authorization"));
    }
    void oneChannel()
    {
        Recorded ai;
        ai.put(u"mixed"_s, {{3000}});
        ai.script = {heard({part(0, 3, u"שלום, במה אפשר לעזור?"_s)}, u"he"_s)};
        const store::Outcome outcome = ai.run();
        QCOMPARE(shown(outcome), QStringList{u"mixed 0-3000 שלום, במה אפשר לעזור?"_s});
        QCOMPARE(outcome.effects.result.value("language"_L1).toString(), u"he"_s);
        QCOMPARE(outcome.effects.artifactsGone, QStringList{u"mixed"_s});
    }

    void answersOfManyKinds_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("whisper.cpp") << QByteArray(
            R"({"task":"transcribe","language":"english","duration":6,"text":" a long text\n","segments":[
            {"id":0,"text":" a long text","start":3.0,"end":5.0,"tokens":[1],"words":[{"word":" a","start":3,"end":3.1,"probability":0.9,"t_dtw":-1}],
             "temperature":0,"avg_logprob":-0.3,"no_speech_prob":0.001}]})");
        QTest::newRow("json") << QByteArray(R"({"text":"a long text"})");
        QTest::newRow("plain text") << QByteArray(" a long text\n");
        QTest::newRow("whisper.cpp, json") << QByteArray("{\"text\":\" a long text\\n\"}");
    }
    void answersOfManyKinds()
    {
        QFETCH(QByteArray, body);
        Recorded ai;
        ai.put(u"caller"_s, {{3000, 0}, {2000}, {1000, 0}});
        ai.script = {{.body = body}};
        QCOMPARE(shown(ai.run()), QStringList{u"caller 3000-5000 a long text"_s});
    }

    void onePieceATurnWithoutTimes()
    {
        Recorded ai;
        ai.rig.settings.openai.transcriptionModel = u"gpt-4o-mini-transcribe"_s;
        ai.put(u"caller"_s, {{1000}, {4000, 0}, {1000}, {4000, 0}});
        ai.put(u"agent"_s, {{2000, 0}, {2000}, {6000, 0}});
        ai.script = {textOnly(u"First."_s), textOnly(u"Third."_s), textOnly(u"Second."_s)};
        QCOMPARE(shown(ai.run()),
                 (QStringList{u"caller 0-1000 First."_s, u"agent 2000-4000 Second."_s, u"caller 5000-6000 Third."_s}));
        QCOMPARE(ai.sent(), (QStringList{u"caller 1200"_s, u"caller 1400"_s, u"agent 2400"_s}));
    }
    void aServerThatKnowsNoTimes_data()
    {
        QTest::addColumn<bool>("says");
        QTest::newRow("refuses the format") << true;
        QTest::newRow("leaves them out") << false;
    }
    void aServerThatKnowsNoTimes()
    {
        QFETCH(bool, says);
        Recorded ai;
        ai.put(u"caller"_s, {{1000}, {70'000, 0}, {1000}});
        ai.script = {says ? refusal(400, {{u"message"_s, u"Currently only support response_format text or json"_s}})
                          : textOnly(u"All of it in one go"_s),
                     textOnly(u"The first."_s), textOnly(u"The second."_s)};
        QCOMPARE(shown(ai.run()), (QStringList{u"caller 0-1000 The first."_s, u"caller 71000-72000 The second."_s}));
        QCOMPARE(uploadedIn(ai.server.requests.at(1)).value("response_format"), QByteArray("json"));
        QVERIFY(uploadedIn(ai.server.requests.at(1)).value("timestamp_granularities[]").isEmpty());
    }
    void aServerThatTakesNoTemperature()
    {
        Recorded ai;
        ai.put(u"caller"_s, {{1000}});
        ai.script = {refusal(400, {{u"message"_s, u"no"_s}, {u"param"_s, u"temperature"_s}}),
                     heard({part(0, 1, u"a long text"_s)})};
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QVERIFY(uploadedIn(ai.server.requests.at(1)).value("temperature").isEmpty());
    }

    void aLongCallInPieces()
    {
        Recorded ai;
        // 12 minutes; quiet at 9:50.
        ai.put(u"caller"_s, {{589'900}, {200, 10}, {129'900}});
        ai.script = {heard({part(1, 3, u"The beginning"_s)}), heard({part(1, 3, u"and the end"_s)})};
        const store::Outcome outcome = ai.run();
        QCOMPARE(ai.sent(), (QStringList{u"caller 590000"_s, u"caller 130000"_s}));
        QCOMPARE(shown(outcome),
                 (QStringList{u"caller 1000-3000 The beginning"_s, u"caller 591000-593000 and the end"_s}));
    }
    void goesOnAfterAStop()
    {
        Recorded ai;
        ai.putChannels();
        ai.script = {heard({part(3, 5, u"I need a plumber."_s)}), heard({part(0, 2, u"How can I help?"_s)})};
        ai.onRequest = [&](const HttpSeen &) {
            if (ai.requests() == 2) // the agent's channel
                ai.rig.pass->stop(u"the call is active again"_s);
        };
        QCOMPARE(ai.run().kind, AttemptOutcome::Interrupted);
        QCOMPARE(ai.sent(), (QStringList{u"caller 6000"_s, u"agent 6000"_s}));
        ai.onRequest = {};
        ai.script = {heard({part(0, 2, u"How can I help?"_s)})};
        ai.nextAttempt(Stage::Transcribe);
        const store::Outcome outcome = ai.run();
        QCOMPARE(ai.sent().sliced(2), QStringList{u"agent 6000"_s}); // only the rest
        QCOMPARE(shown(outcome),
                 (QStringList{u"agent 0-2000 How can I help?"_s, u"caller 3000-5000 I need a plumber."_s}));
        // Nothing at all is asked again when only the end was not written.
        ai.nextAttempt(Stage::Transcribe);
        QCOMPARE(shown(ai.run()), shown(outcome));
        QCOMPARE(ai.requests(), 3);
        // Of another model nothing of it is any good.
        ai.rig.settings.openai.transcriptionModel = u"whisper-large"_s;
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QCOMPARE(ai.requests(), 5);
    }
    void aLostJobEndsAtOnce()
    {
        Recorded ai;
        ai.putChannels();
        ai.script = {heard({part(3, 5, u"I need a plumber."_s)})};
        ai.onRequest = [&](const HttpSeen &) { ai.rig.exec(u"UPDATE jobs SET lease_token = 99"_s, {}); };
        QCOMPARE(ai.run().kind, AttemptOutcome::Interrupted);
        QCOMPARE(ai.requests(), 1);
    }

    void faults_data()
    {
        QTest::addColumn<HttpSay>("fault");
        QTest::addColumn<int>("attempt");
        QTest::addColumn<bool>("again");
        QTest::addColumn<qint64>("delay");
        QTest::addColumn<QString>("reason");
        const QString live = u": the live transcript is used"_s;
        QTest::newRow("500") << refusal(500, {{u"message"_s, u"oops"_s}}) << 1 << true << qint64(-1)
                             << u"HTTP 500: oops"_s;
        QTest::newRow("500, the last time")
            << refusal(500, {{u"message"_s, u"oops"_s}}) << 10 << true << qint64(-1) << u"HTTP 500: oops"_s + live;
        QTest::newRow("busy") << refusal(429, {{u"message"_s, u"slow down"_s}}, "Retry-After: 7\r\n") << 1 << true
                              << qint64(7000) << u"HTTP 429: slow down"_s;
        QTest::newRow("no quota") << refusal(429, {{u"message"_s, u"no money"_s}, {u"code"_s, u"insufficient_quota"_s}})
                                  << 1 << false << qint64(-1) << u"HTTP 429: no money"_s + live;
        QTest::newRow("wrong key") << refusal(401, {{u"message"_s, u"bad key sk-test-key"_s}}) << 1 << false
                                   << qint64(-1) << u"HTTP 401: bad key ***"_s + live;
        QTest::newRow("no such model") << refusal(404,
                                                  {{u"message"_s, u"no model"_s}, {u"code"_s, u"model_not_found"_s}})
                                       << 1 << false << qint64(-1) << u"HTTP 404: no model"_s + live;
        QTest::newRow("an error with status 200") << say({{u"error"_s, u"failed to read audio"_s}}) << 1 << true
                                                  << qint64(-1) << u"the server says: failed to read audio"_s;
        QTest::newRow("cut off") << HttpSay{.body = "{\"text\":\"hello hello hello\"}", .cutAfter = 9} << 1 << true
                                 << qint64(-1) << u""_s;
    }
    void faults()
    {
        QFETCH(HttpSay, fault);
        QFETCH(int, attempt);
        QFETCH(bool, again);
        QFETCH(QString, reason);
        Recorded ai;
        ai.putChannels();
        ai.rig.job.attempt = attempt;
        ai.script = {fault};
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, again ? AttemptOutcome::Retry : AttemptOutcome::Failed);
        QTEST(outcome.delayMs, "delay");
        if (!reason.isEmpty())
            QCOMPARE(outcome.reason, reason);
        QVERIFY(outcome.effects.artifactsGone.isEmpty());
        QCOMPARE(ai.requests(), 1);
        // The next attempt makes it good.
        ai.script = {heard({part(3, 5, u"I need a plumber."_s)}), heard({part(0, 2, u"How can I help?"_s)})};
        ai.nextAttempt(Stage::Transcribe);
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
    }
    void aFileThatIsNoWav()
    {
        Recorded ai;
        ai.rig.putFile(u"caller"_s, u"caller.wav"_s, "ID3");
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Failed);
        QVERIFY(outcome.reason.endsWith(u": the live transcript is used"_s));
    }
};

QTEST_GUILESS_MAIN(TestTranscribe)
#include "tst_transcribe.moc"
