// SPDX-License-Identifier: GPL-3.0-or-later
// The AI HTTP API: keys, models, and transcriptions whose text comes from the audio. Chats are in tst_sim_chat.cpp.
#include "sim/ai/multipart.h"
#include "sim/ai/transcriber.h"
#include "sim/worktest.h"

#include <QTest>

#include <cmath>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

namespace {

WorkReply chat(std::uint16_t port, const std::string &key = "sk-test", const std::string &model = "gpt-4o-mini")
{
    WorkHeaders headers{{"Content-Type", "application/json"}};
    if (!key.empty())
        headers.emplace_back("Authorization", "Bearer " + key);
    return askPort(port, "POST", "/v1/chat/completions", headers,
                   R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Caller: Hello."}]})");
}

std::unique_ptr<Simulation> world(AiFlavour flavour = AiFlavour::OpenAi, const FaultBoard::Values &faults = {},
                                  const std::string &key = {})
{
    SimulationOptions options = quietWorld();
    options.ai.enabled = true;
    options.ai.flavour = flavour;
    options.ai.faults = faults;
    options.ai.key = key;
    auto made = std::make_unique<Simulation>(options);
    const auto started = made->start();
    if (!started)
        qFatal("%s", qPrintable(started.error()));
    return made;
}

// Tones where the pairs of milliseconds say.
std::vector<std::int16_t> tones(int ms, const std::vector<std::pair<int, int>> &voiced, int rate = 8000)
{
    std::vector<std::int16_t> samples(std::size_t(ms) * std::size_t(rate) / 1000, 0);
    for (const auto &[from, to] : voiced) {
        for (int i = from * rate / 1000; i < to * rate / 1000; ++i)
            samples[std::size_t(i)] = static_cast<std::int16_t>(8000 * std::sin(0.3 * i));
    }
    return samples;
}

const Params kVerbose{{"model", "whisper-1"}, {"response_format", "verbose_json"}};

} // namespace

class TestSimAi : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void speechIsFound();
    void knownSpeechIsRecognized();
    void levelsAndRatesDontMatter();
    void strangeAudio_data();
    void strangeAudio();
    void keysAndModels();
    void formatsOfTranscripts();
    void uploadsThatAreTooLarge();
    void whisperCpp();
    void kindsApart();
    void wordsAndHallucinations();
    void onePortForTwo();
    void multipart();
};

void TestSimAi::speechIsFound()
{
    const auto sim = world();
    for (const int rate : {8000, 11025, 16000, 24000}) {
        const auto samples = tones(6000, {{500, 1700}, {1800, 2000}, {3000, 4500}}, rate);
        const WorkReply reply = transcribe(sim->aiPort(), wavOf(samples, rate), kVerbose);
        QCOMPARE(reply.status(), 200);
        const QJsonArray segments = reply.json.value(u"segments"_s).toArray();
        QCOMPARE(segments.size(), 2); // a pause of 100 ms is within one
        const auto at = [&](int i, const QString &field) { return segments[i].toObject().value(field).toDouble(); };
        QVERIFY(std::abs(at(0, u"start"_s) - 0.5) < 0.03);
        QVERIFY(std::abs(at(0, u"end"_s) - 2.0) < 0.03);
        QVERIFY(std::abs(at(1, u"start"_s) - 3.0) < 0.03);
        QVERIFY(std::abs(at(1, u"end"_s) - 4.5) < 0.03);
        QCOMPARE(reply.json.value(u"text"_s).toString(), u"speech of 1.5 seconds speech of 1.5 seconds"_s);
        QCOMPARE(reply.json.value(u"duration"_s).toDouble(), 6.0);
        QVERIFY(segments[0].toObject().contains(u"compression_ratio"_s));
        QVERIFY(!reply.json.contains(u"words"_s)); // nobody asked
    }
    const WorkReply silence = transcribe(sim->aiPort(), wavOf(tones(3000, {})), kVerbose);
    QCOMPARE(silence.status(), 200);
    QVERIFY(silence.json.value(u"segments"_s).toArray().isEmpty());
    QCOMPARE(sim->aiLog().size(), std::size_t(5));
    QCOMPARE(sim->aiLog()[0].audioSeconds, 6.0);
    QCOMPARE(sim->aiLog()[0].model, std::string("whisper-1"));
    QVERIFY(sim->aiLog()[0].recording.empty());
    QVERIFY(sim->aiLog()[0].bytes > 96'000);
}

void TestSimAi::knownSpeechIsRecognized()
{
    const auto sim = world();
    const std::string other = sim->addRecording("CA1", 40);
    const std::string sid = sim->addRecording("CA2", 40);
    const std::string wav = askAccount(*sim, "GET", "/Recordings/" + sid).http.body;
    const auto agent = channelOf(wav, 1, 2);
    const WorkReply whole = transcribe(sim->aiPort(), wavOf(agent), kVerbose);
    QCOMPARE(sim->aiLog().back().recording, sid);
    QCOMPARE(sim->aiLog().back().channel, 1);
    const QJsonArray segments = whole.json.value(u"segments"_s).toArray();
    QVERIFY(segments.size() >= 6);
    for (const QJsonValue &segment : segments)
        QVERIFY2(segment.toObject().value(u"text"_s).toString().startsWith(u" agent sentence"),
                 qPrintable(segment.toObject().value(u"text"_s).toString()));
    // A chunk from the middle of it: the same words at other times, and half a sentence at its edge.
    const double cutAt = (segments[1].toObject().value(u"start"_s).toDouble()
                          + segments[1].toObject().value(u"end"_s).toDouble())
                         / 2;
    const std::vector<std::int16_t> chunk(agent.begin() + std::ptrdiff_t(8000 * cutAt),
                                          agent.begin() + std::ptrdiff_t(8000 * cutAt) + 15 * 8000);
    const WorkReply part = transcribe(sim->aiPort(), wavOf(chunk), kVerbose);
    const QJsonArray parts = part.json.value(u"segments"_s).toArray();
    QCOMPARE(sim->aiLog().back().channel, 1);
    QVERIFY(segments[1].toObject().value(u"text"_s).toString().endsWith(
        parts[0].toObject().value(u"text"_s).toString().trimmed()));
    QVERIFY(parts[0].toObject().value(u"text"_s).toString().size()
            < segments[1].toObject().value(u"text"_s).toString().size());
    QCOMPARE(parts[1].toObject().value(u"text"_s), segments[2].toObject().value(u"text"_s));
    QVERIFY(std::abs(parts[1].toObject().value(u"start"_s).toDouble() + cutAt
                     - segments[2].toObject().value(u"start"_s).toDouble())
            < 0.05);
    // Both sides mixed.
    const std::string mixed = askAccount(*sim, "GET", "/Recordings/" + sid + "?RequestedChannels=1").http.body;
    const WorkReply both = transcribe(sim->aiPort(), mixed, kVerbose);
    QCOMPARE(sim->aiLog().back().channel, 2);
    QVERIFY(both.json.value(u"text"_s).toString().contains(u"caller phrase"));
    QVERIFY(both.json.value(u"text"_s).toString().contains(u"agent sentence"));
}

// As a gateway's own conversion may change them.
void TestSimAi::levelsAndRatesDontMatter()
{
    Transcriber transcriber;
    const Voices voices = Voices::synthetic();
    const RecordedAudio audio = syntheticAudio(voices, 30, 3);
    transcriber.learn("RE1", audio);
    Pcm doubled;
    doubled.rate = 16000;
    for (std::size_t i = 0; i < audio.samples; ++i) {
        const auto half = static_cast<std::int16_t>(audio.sample(0, i) / 2);
        doubled.samples.insert(doubled.samples.end(), {half, half});
    }
    const Transcript heard = transcriber.transcribe(doubled);
    QCOMPARE(heard.recording, std::string("RE1"));
    QCOMPARE(heard.channel, 0);
    QVERIFY(heard.text().starts_with("caller phrase"));
    QCOMPARE(wordsWithin("one two three four", 0, 0.5), std::string("one two"));
    QCOMPARE(wordsWithin("one two three four", 0.5, 9), std::string("three four"));
}

void TestSimAi::strangeAudio_data()
{
    QTest::addColumn<QByteArray>("wav");
    const std::string good = wavOf(tones(500, {{100, 300}}));
    const auto row = [](const char *name, std::string wav) { QTest::newRow(name) << QByteArray::fromStdString(wav); };
    row("nothing", {});
    row("no WAV", std::string(5000, 'x'));
    row("cut off", good.substr(0, 3000));
    std::string stereo = good;
    stereo[22] = 2;
    row("stereo", stereo);
    std::string eight = good;
    eight[34] = 8;
    row("8 bit", eight);
    std::string muLaw = good;
    muLaw[20] = 7;
    row("µ-law", muLaw);
    row("0.05 s", wavOf(tones(50, {})));
}

void TestSimAi::strangeAudio()
{
    QFETCH(QByteArray, wav);
    const auto sim = world();
    const WorkReply reply = transcribe(sim->aiPort(), wav.toStdString(), kVerbose);
    QCOMPARE(reply.status(), 400);
    QCOMPARE(reply.error("param"), u"file"_s);
    QVERIFY(reply.error("code") == u"unsupported_value" || reply.error("code") == u"audio_too_short");
    QVERIFY(!sim->aiLog()[0].done);
}

void TestSimAi::keysAndModels()
{
    const auto sim = world(AiFlavour::OpenAi, {}, "sk-right");
    const std::string wav = wavOf(tones(1000, {{100, 900}}));
    for (const std::string &key : {std::string("sk-wrong"), std::string()}) {
        const WorkReply stranger = transcribe(sim->aiPort(), wav, kVerbose, "/v1/audio/transcriptions", key);
        QCOMPARE(stranger.status(), 401);
        QCOMPARE(stranger.http.head.header("content-type"), std::string("text/plain"));
        QCOMPARE(stranger.error("code"), u"invalid_api_key"_s); // JSON nevertheless
        QCOMPARE(chat(sim->aiPort(), key).status(), 401);
    }
    QCOMPARE(sim->work().aiUnauthorized, 4);
    const auto fine = [&](const std::string &model) {
        return transcribe(sim->aiPort(), wav, {{"model", model}}, "/any/base/audio/transcriptions", "sk-right");
    };
    QCOMPARE(fine("whisper-2").status(), 404);
    QCOMPARE(fine("whisper-2").error("code"), u"model_not_found"_s);
    QVERIFY(fine("whisper-2").json.value(u"error"_s).toObject().value(u"param"_s).isNull());
    QCOMPARE(fine("gpt-4o-transcribe").status(), 200);
    QCOMPARE(fine("").status(), 400);
    QVERIFY(!fine("whisper-1").http.head.header("x-request-id").empty());
    QCOMPARE(chat(sim->aiPort(), "sk-right", "whisper-1").status(), 404);
    QCOMPARE(askPort(sim->aiPort(), "GET", "/v1/models", {{"Authorization", "Bearer sk-right"}}).status(), 404);
}

void TestSimAi::formatsOfTranscripts()
{
    const auto sim = world();
    const std::string wav = wavOf(tones(2000, {{100, 1900}}));
    const auto with = [&](const Params &fields) { return transcribe(sim->aiPort(), wav, fields); };
    const WorkReply json = with({{"model", "gpt-4o-transcribe"}});
    QCOMPARE(json.json.value(u"text"_s).toString(), u"speech of 1.8 seconds"_s);
    QVERIFY(!json.json.contains(u"segments"_s));
    const WorkReply refused = with({{"model", "gpt-4o-transcribe"}, {"response_format", "verbose_json"}});
    QCOMPARE(refused.status(), 400);
    QCOMPARE(refused.error("param"), u"response_format"_s);
    QCOMPARE(with({{"model", "whisper-1"}, {"timestamp_granularities[]", "word"}}).status(), 400);
    const WorkReply text = with({{"model", "whisper-1"}, {"response_format", "text"}});
    QCOMPARE(text.http.body, std::string("speech of 1.8 seconds\n"));
    Params words = kVerbose;
    words.emplace_back("timestamp_granularities[]", "word");
    words.emplace_back("timestamp_granularities[]", "segment");
    const QJsonArray list = with(words).json.value(u"words"_s).toArray();
    QCOMPARE(list.size(), 4);
    QCOMPARE(list[0].toObject().value(u"word"_s).toString(), u"speech"_s);
    QVERIFY(std::abs(list[3].toObject().value(u"end"_s).toDouble() - 1.9) < 0.03);
    QCOMPARE(sim->aiLog().back().format, std::string("verbose_json"));
    words.pop_back();
    QVERIFY(!with(words).json.contains(u"segments"_s)); // words only
    QCOMPARE(askPort(sim->aiPort(), "POST", "/v1/audio/transcriptions", {{"Authorization", "Bearer x"}}, "{}").status(),
             400);
}

void TestSimAi::uploadsThatAreTooLarge()
{
    const auto sim = world();
    const std::string large = wavOf(std::vector<std::int16_t>(14'000'000));
    const WorkReply reply = transcribe(sim->aiPort(), large, kVerbose);
    QCOMPARE(reply.status(), 413);
    QVERIFY(reply.error("message").contains(u"26214400"));
}

void TestSimAi::whisperCpp()
{
    const auto sim = world(AiFlavour::WhisperCpp);
    const std::string wav = wavOf(tones(2000, {{100, 1900}}), 16000);
    for (const char *path : {"/inference", "/v1/audio/transcriptions"}) {
        const WorkReply reply = transcribe(sim->aiPort(), wav, {{"response_format", "verbose_json"}}, path, {});
        QCOMPARE(reply.status(), 200);
        const QJsonObject segment = reply.json.value(u"segments"_s).toArray().at(0).toObject();
        QVERIFY(!segment.contains(u"compression_ratio"_s));
        const QJsonObject word = segment.value(u"words"_s).toArray().at(0).toObject();
        QCOMPARE(word.value(u"word"_s).toString(), u" speech"_s);
        QVERIFY(word.contains(u"probability"_s) && word.contains(u"t_dtw"_s));
        QVERIFY(!reply.json.contains(u"words"_s));
    }
    const WorkReply bad = transcribe(sim->aiPort(), "OggS not a WAV", {}, "/inference", {});
    QCOMPARE(bad.status(), 200); // so it is
    QCOMPARE(bad.json.value(u"error"_s).toString(), u"failed to read audio data"_s);
    QCOMPARE(chat(sim->aiPort(), {}).status(), 404);
}

void TestSimAi::kindsApart()
{
    const auto sim = world(AiFlavour::OpenAi, {{"chat-500", 1}, {"audio-503", 1}});
    const std::string wav = wavOf(tones(1000, {{100, 900}}));
    QCOMPARE(transcribe(sim->aiPort(), wav, kVerbose).status(), 503);
    QCOMPARE(transcribe(sim->aiPort(), wav, kVerbose).status(), 200);
    QCOMPARE(chat(sim->aiPort()).status(), 500);
    QCOMPARE(chat(sim->aiPort()).status(), 200);
}

void TestSimAi::wordsAndHallucinations()
{
    const auto sim = world(AiFlavour::OpenAi, {{"no-words", 1}, {"hallucination", 1}});
    Params words = kVerbose;
    words.emplace_back("timestamp_granularities[]", "word");
    words.emplace_back("timestamp_granularities[]", "segment");
    const std::string wav = wavOf(tones(3000, {{100, 900}}));
    const WorkReply first = transcribe(sim->aiPort(), wav, words);
    QVERIFY(!first.json.contains(u"words"_s));
    const QJsonObject nobody = first.json.value(u"segments"_s).toArray().at(1).toObject();
    QCOMPARE(nobody.value(u"no_speech_prob"_s).toDouble(), 0.95);
    QCOMPARE(nobody.value(u"text"_s).toString(), u" Thank you for watching!"_s);
    const WorkReply second = transcribe(sim->aiPort(), wav, words);
    QCOMPARE(second.json.value(u"words"_s).toArray().size(), 4);
    QCOMPARE(second.json.value(u"segments"_s).toArray().size(), 1);
}

void TestSimAi::onePortForTwo()
{
    SimulationOptions options = quietWorld();
    options.ai.enabled = true;
    { // a port that was free a moment ago
        Reactor reactor;
        HttpServer probe(reactor);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        options.ai.port = probe.listen(address);
    }
    options.crm.enabled = true;
    options.crm.port = options.ai.port;
    Simulation sim(options);
    QVERIFY(sim.start().ok());
    QCOMPARE(sim.crmPort(), sim.aiPort());
    QCOMPARE(chat(sim.aiPort()).status(), 200);
    QCOMPARE(askPort(sim.crmPort(), "POST", "/hook").status(), 401);
    QCOMPARE(sim.aiLog().size(), std::size_t(1));
    QCOMPARE(sim.crmReceipts().size(), std::size_t(1));
    SimulationOptions wrong = quietWorld();
    wrong.ai.enabled = true;
    wrong.ai.faults["luck"] = 1;
    QVERIFY(!Simulation(wrong).start().ok());
}

void TestSimAi::multipart()
{
    const std::string body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
                             "Content-Type: audio/wav\r\n\r\nab\r\n--y\r\n\r\n--x\r\n"
                             "content-disposition: form-data; name=model\r\n\r\n\r\n--x--\r\n";
    const auto form = Multipart::parse("multipart/form-data; boundary=\"x\"", body);
    QVERIFY(form);
    QCOMPARE(form->parts.size(), std::size_t(2));
    QCOMPARE(form->find("file")->filename, std::string("a.wav"));
    QCOMPARE(form->find("file")->contentType, std::string("audio/wav"));
    QCOMPARE(form->value("file"), std::string("ab\r\n--y\r\n"));
    QCOMPARE(form->value("model"), std::string());
    for (const char *type : {"multipart/form-data", "text/plain; boundary=x", "multipart/form-data; boundary=z"})
        QVERIFY(!Multipart::parse(type, body));
    for (std::size_t cut = 1; cut + 6 < body.size(); ++cut) // at every place
        QVERIFY(!Multipart::parse("multipart/form-data; boundary=x", body.substr(0, cut)));
}

QTEST_GUILESS_MAIN(TestSimAi)
#include "tst_sim_ai.moc"
