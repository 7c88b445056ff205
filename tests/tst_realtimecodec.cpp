// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of the Realtime API, inbound: each event that we use, everything else, and what errors and sessions mean.
#include "speech/codec.h"

#include <QTest>

#include <array>

using namespace takt::speech;
using namespace Qt::Literals::StringLiterals;

namespace {

const char *kind(const ServerEvent &event)
{
    constexpr std::array kNames{"session.created",  "session.updated", "speech started", "speech stopped", "committed",
                                "response created", "response done",   "audio",          "audio done",     "agent text",
                                "caller text",      "tool call",       "error",          "other",          "malformed"};
    static_assert(std::variant_size_v<ServerEvent> == kNames.size());
    return kNames[event.index()];
}

// Of the documented shape: with an event_id, and keys that nobody asked for.
QByteArray wire(const QByteArray &type, const QByteArray &fields = {})
{
    return "{\"event_id\":\"event_1\",\"type\":\"" + type + "\"" + (fields.isEmpty() ? "" : ",") + fields
           + ",\"obfuscation\":\"aXyZ\",\"future\":{\"a\":[1,{\"b\":null}]}}";
}

template <typename T>
T parsed(const QByteArray &text)
{
    RealtimeCodec codec;
    const ServerEvent event = codec.parse(text);
    if (const auto *e = std::get_if<T>(&event))
        return *e;
    QTest::qFail(QByteArray("parsed as ").append(kind(event)).constData(), __FILE__, __LINE__);
    return {};
}

const QByteArray kSession =
    R"("session":{"object":"realtime.session","id":"sess_1","type":"realtime","expires_at":1,"audio":{)"
    R"("input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad"}},)"
    R"("output":{"format":{"type":"audio/pcmu"},"voice":"marin"}}})";

} // namespace

class TestRealtimeCodec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void session();
    void speech();
    void responses_data();
    void responses();
    void usage_data();
    void usage();
    void audio_data();
    void audio();
    void audioDone();
    void agentText();
    void callerText();
    void errors();
    void kinds_data();
    void kinds();
    void theParserSurvivesRubbish();
    void classifies_data();
    void classifies();
    void unusable_data();
    void unusable();
};

void TestRealtimeCodec::session()
{
    (void)parsed<SessionCreated>(wire("session.created", kSession));
    const auto updated = parsed<SessionUpdated>(wire("session.updated", kSession));
    QCOMPARE(updated.type, u"realtime"_s);
    QCOMPARE(updated.inputFormat, u"audio/pcmu"_s);
    QCOMPARE(updated.outputFormat, u"audio/pcmu"_s);
    QVERIFY(updated.turnDetection);
    QCOMPARE(whyUnusable(updated), QString());
    const auto off = parsed<SessionUpdated>(
        wire("session.updated", QByteArray(kSession).replace(R"({"type":"server_vad"})", "null")));
    QVERIFY(!off.turnDetection);
}

void TestRealtimeCodec::speech()
{
    const auto started = parsed<SpeechStarted>(
        wire("input_audio_buffer.speech_started", R"("audio_start_ms":1280,"item_id":"i1")"));
    QCOMPARE(started.itemId, u"i1"_s);
    QCOMPARE(started.audioStartMs, 1280);
    QCOMPARE(
        parsed<SpeechStopped>(wire("input_audio_buffer.speech_stopped", R"("audio_end_ms":2,"item_id":"i1")")).itemId,
        u"i1"_s);
    QCOMPARE(parsed<InputCommitted>(wire("input_audio_buffer.committed", R"("previous_item_id":null,"item_id":"i1")"))
                 .itemId,
             u"i1"_s);
    // rainy: a start that is no whole number is still a caller who speaks
    for (const char *ms : {"1280.5", "\"1280\"", "null", "-1e300"})
        QCOMPARE(parsed<SpeechStarted>(
                     wire("input_audio_buffer.speech_started", QByteArray(R"("item_id":"i1","audio_start_ms":)") + ms))
                     .audioStartMs,
                 0);
}

void TestRealtimeCodec::responses_data()
{
    QTest::addColumn<QByteArray>("response");
    QTest::addColumn<QStringList>("fields"); // id, status, reason, error code
    QTest::newRow("happy: completed") << QByteArray(
        R"({"object":"realtime.response","id":"r1","status":"completed","status_details":null,"output":[]})")
                                      << QStringList{u"r1"_s, u"completed"_s, {}, {}};
    QTest::newRow("happy: cancelled") << QByteArray(
        R"({"id":"r1","status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"}})")
                                      << QStringList{u"r1"_s, u"cancelled"_s, u"turn_detected"_s, {}};
    QTest::newRow("happy: incomplete") << QByteArray(
        R"({"id":"r1","status":"incomplete","status_details":{"reason":"max_output_tokens"}})")
                                       << QStringList{u"r1"_s, u"incomplete"_s, u"max_output_tokens"_s, {}};
    QTest::newRow("happy: failed") << QByteArray(
        R"({"id":"r1","status":"failed","status_details":{"error":{"type":"x","code":"rate_limit_exceeded"}}})")
                                   << QStringList{u"r1"_s, u"failed"_s, {}, u"rate_limit_exceeded"_s};
    QTest::newRow("rainy: no details") << QByteArray(R"({"id":"r1","status":"failed"})")
                                       << QStringList{u"r1"_s, u"failed"_s, {}, {}};
    QTest::newRow("rainy: error null") << QByteArray(R"({"id":"r1","status":"failed","status_details":{"error":null}})")
                                       << QStringList{u"r1"_s, u"failed"_s, {}, {}};
    QTest::newRow("rainy: other types") << QByteArray(R"({"id":1,"status":[],"status_details":"x"})")
                                        << QStringList{{}, {}, {}, {}};
    QTest::newRow("rainy: no object") << QByteArray("null") << QStringList{{}, {}, {}, {}};
}

void TestRealtimeCodec::responses()
{
    QFETCH(QByteArray, response);
    QFETCH(QStringList, fields);
    QCOMPARE(parsed<ResponseCreated>(wire("response.created", R"("response":)" + response)).responseId, fields[0]);
    const auto done = parsed<ResponseDone>(wire("response.done", R"("response":)" + response));
    QCOMPARE((QStringList{done.responseId, done.status, done.reason, done.errorCode}), fields);
}

void TestRealtimeCodec::usage_data()
{
    using enum takt::UsageClass;
    QTest::addColumn<QByteArray>("usage");
    QTest::addColumn<bool>("transcription");
    QTest::addColumn<QList<std::pair<int, qint64>>>("amounts"); // all others are 0
    const auto row = [](const char *name, bool transcription, const char *usage,
                        std::initializer_list<std::pair<takt::UsageClass, qint64>> amounts) {
        QList<std::pair<int, qint64>> all;
        for (const auto &[what, n] : amounts)
            all << std::pair(int(what), n);
        QTest::newRow(name) << QByteArray(usage) << transcription << all;
    };
    row("happy: documented", false,
        R"({"total_tokens":253,"input_tokens":132,"output_tokens":121,)"
        R"("input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,)"
        R"("cached_tokens_details":{"text_tokens":60,"audio_tokens":4,"image_tokens":0}},)"
        R"("output_token_details":{"text_tokens":30,"audio_tokens":91}})",
        {{InputText, 59}, {InputAudio, 9}, {CachedText, 60}, {CachedAudio, 4}, {OutputText, 30}, {OutputAudio, 91}});
    row("happy: an image among it", false,
        R"({"input_tokens":150,"output_tokens":1,"input_token_details":{"text_tokens":100,"image_tokens":50},)"
        R"("output_token_details":{"text_tokens":1}})",
        {{InputText, 100}, {OutputText, 1}, {Unclassified, 50}});
    row("happy: no details", false, R"({"total_tokens":7,"input_tokens":3,"output_tokens":4})", {{Unclassified, 7}});
    row("happy: cached, and not told what", false,
        R"({"input_tokens":5,"output_tokens":0,"input_token_details":{"text_tokens":5,"cached_tokens":4}})",
        {{InputText, 5}});
    row("happy: transcribed by tokens", true,
        R"({"type":"tokens","total_tokens":26,"input_tokens":17,"output_tokens":9,)"
        R"("input_token_details":{"text_tokens":2,"audio_tokens":15}})",
        {{TranscribedText, 2}, {TranscribedAudio, 15}, {TranscribedOutput, 9}});
    row("happy: transcribed, no details", true, R"({"type":"tokens","input_tokens":17,"output_tokens":9})",
        {{TranscribedOutput, 9}, {Unclassified, 17}});
    row("happy: transcribed by duration", true, R"({"type":"duration","seconds":2.3456})", {{TranscribedMs, 2346}});
    row("happy: by whole seconds", true, R"({"type":"duration","seconds":2})", {{TranscribedMs, 2000}});
    for (const bool transcription : {false, true}) {
        const auto rainy = [&](const char *name, const char *usage) {
            row(transcription ? name + 1 : name, transcription, usage, {});
        };
        rainy("rrainy: null", "null");
        rainy("rrainy: a number", "5");
        rainy("rrainy: negative", R"({"input_tokens":-5,"input_token_details":{"text_tokens":-5}})");
        rainy("rrainy: words", R"({"input_tokens":"5","output_tokens":null,"input_token_details":[1]})");
        rainy("rrainy: a negative time", R"({"type":"duration","seconds":-1})");
    }
    row("rainy: beyond everything", false,
        R"({"input_tokens":9000000000000000000,"output_tokens":9000000000000000000})", {{Unclassified, 2'000'000'000}});
    row("rainy: more cached than read", false,
        R"({"input_token_details":{"text_tokens":5,"cached_tokens_details":{"text_tokens":9,"audio_tokens":9}}})",
        {{CachedText, 5}});
    row("rainy: forever", true, R"({"type":"duration","seconds":1e300})", {{TranscribedMs, 86'400'000}});
}

void TestRealtimeCodec::usage()
{
    using Amounts = QList<std::pair<int, qint64>>;
    QFETCH(QByteArray, usage);
    QFETCH(bool, transcription);
    QFETCH(Amounts, amounts);
    takt::Usage wanted;
    for (const auto &[what, n] : amounts)
        wanted[takt::UsageClass(what)] = n;
    const takt::Usage found =
        transcription
            ? parsed<CallerText>(wire("conversation.item.input_audio_transcription.completed",
                                      R"("item_id":"i1","transcript":"Hi","usage":)" + usage))
                  .usage
            : parsed<ResponseDone>(wire("response.done", R"("response":{"id":"r1","usage":)" + usage + "}")).usage;
    QCOMPARE(found.toJson(), wanted.toJson());
}

void TestRealtimeCodec::audio_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<int>("bytes"); // -1: malformed
    const QByteArray ids = R"("response_id":"r1","item_id":"i1","output_index":0,"content_index":0)";
    for (const int bytes : {1, 2, 3, 100, 160, 4096, 100'000})
        QTest::addRow("happy: %d bytes", bytes)
            << ids + R"(,"delta":")" + QByteArray(bytes, 'a').toBase64() + '"' << bytes;
    for (const char *delta : {"\"=\"", "\"a\"", "\"aaa=aaaa\"", "\"aa aa\"", "\"aaa-\"", "\"aaa\\n\"", "\"\\u20ac\"",
                              "5", "null", "{}", "[]"})
        QTest::addRow("rainy: delta %s", delta) << ids + R"(,"delta":)" + delta << -1;
    QTest::newRow("rainy: no delta") << ids << -1;
    QTest::newRow("rainy: no item") << QByteArray(R"("response_id":"r1","delta":"aaaa")") << -1;
    QTest::newRow("rainy: no response") << QByteArray(R"("item_id":"i1","delta":"aaaa")") << -1;
    QTest::newRow("rainy: empty ids") << QByteArray(R"("response_id":"","item_id":"","delta":"aaaa")") << -1;
}

void TestRealtimeCodec::audio()
{
    QFETCH(QByteArray, fields);
    QFETCH(int, bytes);
    const QByteArray text = wire("response.output_audio.delta", fields);
    if (bytes < 0) {
        QVERIFY(!parsed<MalformedEvent>(text).why.isEmpty());
        return;
    }
    const auto delta = parsed<AudioDelta>(text);
    QCOMPARE(delta.responseId, u"r1"_s);
    QCOMPARE(delta.itemId, u"i1"_s);
    QCOMPARE(delta.audio, QByteArray(bytes, 'a'));
}

void TestRealtimeCodec::audioDone()
{
    const auto done = parsed<AudioDone>(
        wire("response.output_audio.done", R"("response_id":"r1","item_id":"i1","output_index":0)"));
    QCOMPARE(done.responseId, u"r1"_s);
    QCOMPARE(done.itemId, u"i1"_s);
}

void TestRealtimeCodec::agentText()
{
    const QByteArray ids = R"("response_id":"r1","item_id":"i1",)";
    const auto piece = parsed<AgentText>(
        wire("response.output_audio_transcript.delta", ids + R"("delta":"שלום \"you\"")"));
    QCOMPARE(piece.responseId, u"r1"_s);
    QCOMPARE(piece.itemId, u"i1"_s);
    QCOMPARE(piece.text, u"שלום \"you\""_s);
    QVERIFY(!piece.whole);
    const auto whole = parsed<AgentText>(wire("response.output_audio_transcript.done", ids + R"("transcript":"a\nb")"));
    QCOMPARE(whole.text, u"a\nb"_s);
    QVERIFY(whole.whole);
}

void TestRealtimeCodec::callerText()
{
    const QByteArray ids = R"("item_id":"i1","content_index":0,)";
    const QByteArray type = "conversation.item.input_audio_transcription.";
    const auto piece = parsed<CallerText>(wire(type + "delta", ids + R"("delta":"Good ")"));
    QCOMPARE(piece.itemId, u"i1"_s);
    QCOMPARE(piece.text, u"Good "_s);
    QVERIFY(!piece.whole && !piece.failed);
    const auto whole = parsed<CallerText>(
        wire(type + "completed", ids + R"("transcript":"Good day","usage":{"type":"duration","seconds":1.5})"));
    QCOMPARE(whole.text, u"Good day"_s);
    QVERIFY(whole.whole && !whole.failed);
    const auto failed = parsed<CallerText>(
        wire(type + "failed", ids + R"("error":{"type":"x","code":"audio_unintelligible","message":"?"})"));
    QCOMPARE(failed.itemId, u"i1"_s);
    QVERIFY(failed.text.isEmpty() && failed.whole && failed.failed);
}

void TestRealtimeCodec::errors()
{
    const auto full = parsed<ErrorEvent>(
        wire("error", R"("error":{"type":"invalid_request_error","code":"unknown_parameter","message":"m",)"
                      R"("param":"session.x","event_id":"session-1"})"));
    QCOMPARE(full.type, u"invalid_request_error"_s);
    QCOMPARE(full.code, u"unknown_parameter"_s);
    QCOMPARE(full.message, u"m"_s);
    QCOMPARE(full.param, u"session.x"_s);
    QCOMPARE(full.eventId, u"session-1"_s);
    for (const char *rainy : {R"("error":{"type":"x","code":null,"message":null,"param":null,"event_id":null})",
                              R"("error":{"type":"x"})"}) {
        const auto bare = parsed<ErrorEvent>(wire("error", rainy));
        QCOMPARE(bare.type, u"x"_s);
        QVERIFY(bare.code.isEmpty() && bare.message.isEmpty() && bare.param.isEmpty() && bare.eventId.isEmpty());
    }
    QVERIFY(parsed<ErrorEvent>(wire("error")).type.isEmpty());
}

void TestRealtimeCodec::kinds_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("kind");
    for (const char *type :
         {"conversation.item.added", "conversation.item.done", "conversation.item.truncated", "rate_limits.updated",
          "response.output_item.added", "response.output_item.done", "response.content_part.added",
          "input_audio_buffer.cleared", "input_audio_buffer.timeout_triggered", "conversation.created",
          "response.output_text.delta", "mcp_list_tools.completed", "ping", "an.event.of.tomorrow"})
        QTest::addRow("happy: %s", type) << wire(type) << QByteArray("other");
    // rainy: names of the beta are not ours any more
    for (const char *type : {"response.audio.delta", "response.audio.done", "response.audio_transcript.delta",
                             "response.audio_transcript.done", "response.text.delta", "conversation.item.created",
                             "Response.Done", "response.done "})
        QTest::addRow("rainy: %s", type) << wire(type) << QByteArray("other");
    for (const char *text :
         {"", "null", "[]", "5", "\"x\"", "{", "{\"type\":\"error\"", "{\"type\":\"error\"} x", "{\"type\":'error'}",
          "{}", "{\"type\":\"\"}", "{\"type\":5}", "{\"type\":null}", "{\"type\":[\"error\"]}", "{\"Type\":\"error\"}",
          "{\"type\":\"error\",\"x\":\"\xC3\x28\"}", "{\"type\":\"error\",\"x\":1e99999}", "\xFF\xFE{"})
        QTest::addRow("rainy: %s", QByteArray(text).toPercentEncoding().constData())
            << QByteArray(text) << QByteArray("malformed");
    QTest::newRow("rainy: nested deeply")
        << R"({"type":"error","x":)" + QByteArray(100'000, '[') + QByteArray(100'000, ']') + "}"
        << QByteArray("malformed");
    QTest::newRow("rainy: a zero byte") << QByteArray("{\"type\":\"error\"}\0", 17) << QByteArray("malformed");
}

void TestRealtimeCodec::kinds()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, kind);
    RealtimeCodec codec;
    QCOMPARE(QByteArray(::kind(codec.parse(text))), kind);
}

void TestRealtimeCodec::theParserSurvivesRubbish()
{
    RealtimeCodec codec;
    const QByteArray good = wire("session.updated", kSession);
    for (qsizetype cut = 0; cut < good.size(); ++cut)
        QCOMPARE(kind(codec.parse(good.first(cut))), "malformed");
    const ServerEvent updated = codec.parse(good);
    QCOMPARE(kind(updated), "session.updated");
    QCOMPARE(kind(codec.parse(wire("ping"))), "other"); // and the value does not live in the parser
    QCOMPARE(std::get<SessionUpdated>(updated).inputFormat, u"audio/pcmu"_s);
}

void TestRealtimeCodec::classifies_data()
{
    QTest::addColumn<QStringList>("error"); // type, code, param, event_id
    QTest::addColumn<Severity>("severity");
    const auto row = [](const QByteArray &name, const QString &code, Severity severity, const QString &param = {},
                        const QString &id = {}, const QString &type = u"invalid_request_error"_s) {
        QTest::newRow(name.constData()) << QStringList{type, code, param, id} << severity;
    };
    // every code of the protocol reference, 3.6
    row("beta shape", u"beta_api_shape_disabled"_s, Severity::Fatal);
    for (const char *code : {"unknown_parameter", "missing_required_parameter", "invalid_value", "invalid_event"}) {
        const QByteArray name(code);
        row(name + ", the session", QString::fromLatin1(code), Severity::Fatal, u"session.audio"_s, u"session-1"_s);
        row(name + ", the session by its param", QString::fromLatin1(code), Severity::Fatal, u"session.type"_s);
        row(name + ", the session by our event", QString::fromLatin1(code), Severity::Fatal, {}, u"session-1"_s);
        row(name + ", another event", QString::fromLatin1(code), Severity::Benign, u"item"_s, u"item-4"_s);
    }
    row("active response", u"conversation_already_has_active_response"_s, Severity::Benign, {}, u"response-2"_s);
    row("cancel not active", u"response_cancel_not_active"_s, Severity::Benign, {}, u"cancel-3"_s);
    row("truncate, unknown item", u"item_truncate_invalid_item_id"_s, Severity::Benign, {}, u"truncate-4"_s);
    row("truncate, beyond its end", u"invalid_value"_s, Severity::Benign, u"audio_end_ms"_s, u"truncate-4"_s);
    row("commit empty", u"input_audio_buffer_commit_empty"_s, Severity::Benign);
    row("voice", u"cannot_update_voice"_s, Severity::Benign, u"session.audio.output.voice"_s, u"session-9"_s);
    row("expired", u"session_expired"_s, Severity::Retryable);
    row("key", u"invalid_api_key"_s, Severity::Fatal);
    row("quota", u"insufficient_quota"_s, Severity::Fatal);
    row("credit", u"credit_balance_exhausted"_s, Severity::Fatal);
    row("model", u"model_not_found"_s, Severity::Fatal);
    row("rate limit", u"rate_limit_exceeded"_s, Severity::Retryable);
    row("server error", u"server_error"_s, Severity::Retryable);
    // rainy
    row("server error by its type alone", {}, Severity::Retryable, {}, {}, u"server_error"_s);
    row("nothing known", {}, Severity::Benign, {}, {}, {});
    row("a code of tomorrow", u"new_code"_s, Severity::Benign, {}, u"audio-77"_s);
    row("an id that only looks like it", u"new_code"_s, Severity::Benign, u"sessions"_s, u"sess-1"_s);
}

void TestRealtimeCodec::classifies()
{
    QFETCH(QStringList, error);
    QFETCH(Severity, severity);
    QCOMPARE(classify({error[0], error[1], u"whatever it says"_s, error[2], error[3]}), severity);
}

void TestRealtimeCodec::unusable_data()
{
    QTest::addColumn<QStringList>("session"); // type, input, output, turn detection
    QTest::addColumn<QString>("mentions");
    const QString pcmu = u"audio/pcmu"_s;
    QTest::newRow("happy") << QStringList{u"realtime"_s, pcmu, pcmu, u"on"_s} << QString();
    QTest::newRow("rainy: transcription")
        << QStringList{u"transcription"_s, pcmu, pcmu, u"on"_s} << u"\"transcription\""_s;
    QTest::newRow("rainy: no type") << QStringList{{}, pcmu, pcmu, u"on"_s} << u"session.type"_s;
    QTest::newRow("rainy: input is pcm") << QStringList{u"realtime"_s, u"audio/pcm"_s, pcmu, u"on"_s}
                                         << u"input format is \"audio/pcm\""_s;
    QTest::newRow("rainy: output is pcma")
        << QStringList{u"realtime"_s, pcmu, u"audio/pcma"_s, u"on"_s} << u"output format is \"audio/pcma\""_s;
    QTest::newRow("rainy: no output") << QStringList{u"realtime"_s, pcmu, {}, u"on"_s} << u"output format"_s;
    QTest::newRow("rainy: a beta name") << QStringList{u"realtime"_s, u"g711_ulaw"_s, pcmu, u"on"_s} << u"g711_ulaw"_s;
    QTest::newRow("rainy: no turn detection") << QStringList{u"realtime"_s, pcmu, pcmu, {}} << u"turn detection"_s;
}

void TestRealtimeCodec::unusable()
{
    QFETCH(QStringList, session);
    QFETCH(QString, mentions);
    const QString why = whyUnusable({session[0], session[1], session[2], !session[3].isEmpty()});
    QCOMPARE(why.isEmpty(), mentions.isEmpty());
    QVERIFY2(why.contains(mentions), qPrintable(why));
}

QTEST_APPLESS_MAIN(TestRealtimeCodec)
#include "tst_realtimecodec.moc"
