// SPDX-License-Identifier: GPL-3.0-or-later
// session.update and response.create as the model checks them.
#include "sim/model/sessionconfig.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace takt::sim;

namespace {

QJsonObject parse(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError)
        qFatal("bad test data: %s", json.constData());
    return document.object();
}

SessionConfig fresh()
{
    return {QStringLiteral("sess_1"), QStringLiteral("gpt-realtime"), 1'999'999'999};
}

const QByteArray kFull =
    R"({"type":"realtime","instructions":"...","output_modalities":["audio"],"max_output_tokens":1024,
 "audio":{"input":{"format":{"type":"audio/pcmu"},"noise_reduction":{"type":"near_field"},
                   "transcription":{"model":"gpt-4o-mini-transcribe","language":"en"},
                   "turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,
                                     "create_response":true,"interrupt_response":true,"idle_timeout_ms":6000}},
          "output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.0}},
 "tools":[{"type":"function","name":"end_call","description":"...","parameters":{"type":"object","properties":{},"required":[]}}],
 "tool_choice":"auto","truncation":{"type":"retention_ratio","retention_ratio":0.8},"tracing":null})";

} // namespace

class TestSimSessionConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void defaults();
    void fullUpdate();
    void merges();
    void rejected_data();
    void rejected();
    void voiceLock();
    void responseParameters_data();
    void responseParameters();
};

void TestSimSessionConfig::defaults()
{
    const SessionConfig config = fresh();
    QCOMPARE(config.inputFormat(), QStringLiteral("audio/pcm"));
    QCOMPARE(config.vad().silenceDurationMs, 200);
    QVERIFY(config.hasVad() && config.createsResponse() && config.interruptsResponse() && config.speaks());
    QCOMPARE(config.effective()[u"object"], QStringLiteral("realtime.session"));
}

void TestSimSessionConfig::fullUpdate()
{
    SessionConfig config = fresh();
    QVERIFY(!config.update(parse(kFull), false));
    QCOMPARE(config.inputFormat(), QStringLiteral("audio/pcmu"));
    QCOMPARE(config.outputFormat(), QStringLiteral("audio/pcmu"));
    QVERIFY(config.transcribes());
    QCOMPARE(config.vad().silenceDurationMs, 500);
    const QJsonObject format = config.effective()[u"audio"].toObject()[u"input"].toObject()[u"format"].toObject();
    QVERIFY2(!format.contains(u"rate"), "a format is replaced, not merged");
    QCOMPARE(config.effective()[u"id"], QStringLiteral("sess_1"));
}

void TestSimSessionConfig::merges()
{
    SessionConfig config = fresh();
    QVERIFY(!config.update(parse(kFull), false));
    QVERIFY(!config.update(
        parse(
            R"({"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":900}}}})"),
        false));
    QCOMPARE(config.vad().silenceDurationMs, 900);
    QCOMPARE(config.vad().prefixPaddingMs, 300);
    QCOMPARE(config.inputFormat(), QStringLiteral("audio/pcmu"));
    QVERIFY(!config.update(parse(R"({"type":"realtime","audio":{"input":{"turn_detection":null}}})"), false));
    QVERIFY(!config.hasVad());
    QVERIFY(!config.interruptsResponse());
    QVERIFY(!config.update(
        parse(
            R"({"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}})"),
        false));
    QCOMPARE(config.vad().silenceDurationMs, 500); // that kind's own default
    QVERIFY(!config.interruptsResponse());
}

void TestSimSessionConfig::rejected_data()
{
    QTest::addColumn<QByteArray>("session");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("param");
    const auto row = [](const char *name, const QByteArray &session, const char *code, const char *param) {
        QTest::newRow(name) << session << QString::fromLatin1(code) << QString::fromLatin1(param);
    };
    const auto input = [](const QByteArray &fields) -> QByteArray {
        return R"({"type":"realtime","audio":{"input":{)" + fields + "}}}";
    };
    row("no type", R"({"instructions":"x"})", "missing_required_parameter", "session.type");
    row("wrong type", R"({"type":"transcription"})", "invalid_value", "session.type");
    row("temperature", R"({"type":"realtime","temperature":0.8})", "unknown_parameter", "session.temperature");
    row("voice at top", R"({"type":"realtime","voice":"marin"})", "unknown_parameter", "session.voice");
    row("both modalities", R"({"type":"realtime","output_modalities":["audio","text"]})", "invalid_value",
        "session.output_modalities");
    row("pcm without rate", R"({"type":"realtime","audio":{"output":{"format":{"type":"audio/pcm"}}}})",
        "missing_required_parameter", "session.audio.output.format.rate");
    row("pcmu with rate", input(R"("format":{"type":"audio/pcmu","rate":8000})"), "unknown_parameter",
        "session.audio.input.format.rate");
    row("beta format", input(R"("format":"g711_ulaw")"), "invalid_type", "session.audio.input.format");
    row("threshold", input(R"("turn_detection":{"type":"server_vad","threshold":1.5})"), "invalid_value",
        "session.audio.input.turn_detection.threshold");
    row("idle timeout", input(R"("turn_detection":{"type":"server_vad","idle_timeout_ms":100})"), "invalid_value",
        "session.audio.input.turn_detection.idle_timeout_ms");
    row("semantic idle", input(R"("turn_detection":{"type":"semantic_vad","idle_timeout_ms":6000})"),
        "unknown_parameter", "session.audio.input.turn_detection.idle_timeout_ms");
    row("noise reduction", input(R"("noise_reduction":{"type":"loud"})"), "invalid_value",
        "session.audio.input.noise_reduction.type");
    row("speed", R"({"type":"realtime","audio":{"output":{"speed":3}}})", "invalid_value",
        "session.audio.output.speed");
    row("unknown voice", R"({"type":"realtime","audio":{"output":{"voice":"bob"}}})", "invalid_value",
        "session.audio.output.voice");
    row("nested tool", R"({"type":"realtime","tools":[{"type":"function","function":{"name":"x"}}]})",
        "missing_required_parameter", "session.tools[0].name");
    row("too many tokens", R"({"type":"realtime","max_output_tokens":9999})", "invalid_value",
        "session.max_output_tokens");
    row("another model", R"({"type":"realtime","model":"gpt-realtime-2"})", "invalid_value", "session.model");
}

void TestSimSessionConfig::rejected()
{
    QFETCH(QByteArray, session);
    QFETCH(QString, code);
    QFETCH(QString, param);
    SessionConfig config = fresh();
    const QJsonObject before = config.effective();
    const auto error = config.update(parse(session), false);
    QVERIFY(error);
    QCOMPARE(error->code, code);
    QCOMPARE(error->param, param);
    QCOMPARE(config.effective(), before); // rejected as a whole
}

void TestSimSessionConfig::voiceLock()
{
    SessionConfig config = fresh();
    QVERIFY(!config.update(parse(kFull), false));
    const auto error = config.update(
        parse(R"({"type":"realtime","instructions":"new","audio":{"output":{"voice":"cedar"}}})"), true);
    QVERIFY(error);
    QCOMPARE(error->code, QStringLiteral("cannot_update_voice"));
    QCOMPARE(config.effective()[u"instructions"], QStringLiteral("..."));
    QVERIFY(!config.update(parse(R"({"type":"realtime","instructions":"new"})"), true));
}

void TestSimSessionConfig::responseParameters_data()
{
    QTest::addColumn<QByteArray>("response");
    QTest::addColumn<QString>("param");
    QTest::newRow("empty") << QByteArray("{}") << QString();
    QTest::newRow("instructions") << QByteArray(R"({"instructions":"hi","conversation":"none","metadata":{"a":"b"}})")
                                  << QString();
    QTest::newRow("modalities") << QByteArray(R"({"modalities":["audio"]})") << QStringLiteral("response.modalities");
    QTest::newRow("tokens") << QByteArray(R"({"max_response_output_tokens":5})")
                            << QStringLiteral("response.max_response_output_tokens");
}

void TestSimSessionConfig::responseParameters()
{
    QFETCH(QByteArray, response);
    QFETCH(QString, param);
    const auto error = checkResponseParameters(parse(response));
    QCOMPARE(error ? error->param : QString(), param);
}

QTEST_GUILESS_MAIN(TestSimSessionConfig)
#include "tst_sim_sessionconfig.moc"
