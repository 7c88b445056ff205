// SPDX-License-Identifier: GPL-3.0-or-later
// Every event that we send to the model, against the vendor's own schema of client events (its strict variant: no
// object takes a key that the schema does not name). And proof that the validator says no where it should.
#include "speech/codec.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include <map>

using namespace takt::speech;
using namespace Qt::Literals::StringLiterals;

namespace {

// The definition of each event's type, as the schema's RealtimeClientEvent lists them.
QHash<QString, QString> definitions(const QJsonObject &defs)
{
    QHash<QString, QString> byType;
    const QJsonArray all = defs["RealtimeClientEvent"_L1]["anyOf"_L1].toArray();
    for (const QJsonValue &reference : all) {
        const QString name = reference["$ref"_L1].toString().section(u'/', -1);
        const QString type = defs[name]["properties"_L1]["type"_L1]["enum"_L1][0].toString();
        byType.insert(type, name);
    }
    return byType;
}

class Judge
{
public:
    Judge()
    {
        QFile file(QStringLiteral(TAKT_TEST_DATA) + u"/openai-realtime-client-events.schema.json"_s);
        if (file.open(QIODevice::ReadOnly))
            m_root = QJsonDocument::fromJson(file.readAll()).object();
        m_names = definitions(m_root["$defs"_L1].toObject());
    }
    [[nodiscard]] qsizetype count() const { return m_names.size(); }

    // Empty, or what is wrong with the event. The schema is that of the event's own type, so that a message names the
    // key rather than "none of eleven".
    QString complaint(const QByteArray &text)
    {
        const QJsonDocument document = QJsonDocument::fromJson(text);
        if (!document.isObject())
            return u"no JSON object"_s;
        const QString type = document.object()["type"_L1].toString();
        if (!m_names.contains(type))
            return u"unknown type \"%1\""_s.arg(type);
        if (m_schemas.find(type) == m_schemas.end())
            build(type);
        valijson::Validator validator(valijson::Validator::kStrongTypes);
        valijson::ValidationResults results;
        const QJsonValue value(document.object());
        if (validator.validate(m_schemas[type], valijson::adapters::QtJsonAdapter(value), &results))
            return {};
        valijson::ValidationResults::Error error;
        QString all = u"rejected"_s;
        while (results.popError(error))
            all += u"; "_s + QString::fromStdString(error.description);
        return all;
    }

private:
    void build(const QString &type)
    {
        QJsonObject schema = m_root;
        schema["$ref"_L1] = QString(u"#/$defs/"_s + m_names[type]);
        m_values[type] = QJsonValue(schema);
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::QtJsonAdapter(m_values[type]), m_schemas[type]);
    }

    QJsonObject m_root;
    QHash<QString, QString> m_names;
    std::map<QString, QJsonValue> m_values;
    std::map<QString, valijson::Schema> m_schemas;
};

struct Texts {
    const char *name;
    QString text;
};
// What people write into settings and say on the phone.
QList<Texts> texts()
{
    return {
        {"plain", u"Hello there."_s},
        {"quotes", u"Say \"hi\", then 'bye' \\ and \"\\\"."_s},
        {"lines", u"one\ntwo\r\nthree\tfour"_s},
        {"Hebrew", u"שלום, איך אפשר לעזור?"_s},
        {"emoji", u"Great \U0001F600!"_s},
        {"control characters", QString(u"a\u0001b\u0000c\u001F\u007F\u2028d"_s)},
        {"half a surrogate", u"x"_s + QChar(0xD83D) + u"y"_s},
        {"JSON", u"{\"type\":\"session.update\"}"_s},
        {"markup", u"</script><b>&amp;%s%n"_s},
        {"long", QString(20'000, u'x')},
    };
}

SessionSettings fullSettings(const QString &text)
{
    SessionSettings s;
    s.instructions = text;
    s.greeting = text;
    s.voice = u"marin"_s;
    s.transcriptionModel = u"gpt-4o-mini-transcribe"_s;
    s.language = u"he"_s;
    s.turnDetection = {0.75, 250, 700, false};
    return s;
}

void addRow(const QByteArray &name, const QByteArray &event)
{
    QTest::newRow(name.constData()) << event;
}

// All strings and keys of a value, wherever they are.
void collect(const QJsonValue &value, QStringList &keys, QStringList &words)
{
    if (value.isString())
        words << value.toString();
    const QJsonArray array = value.toArray();
    for (const QJsonValue &v : array)
        collect(v, keys, words);
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        keys << it.key();
        collect(it.value(), keys, words);
    }
}

} // namespace

class TestSpeechSchema : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void schemaIsThere();
    void ourEvents_data();
    void ourEvents();
    void contents();
    void wrongEvents_data();
    void wrongEvents();

private:
    Judge m_judge;
};

void TestSpeechSchema::schemaIsThere()
{
    QCOMPARE(m_judge.count(), 11); // all client events
}

void TestSpeechSchema::ourEvents_data()
{
    QTest::addColumn<QByteArray>("event");
    addRow("session, all empty", sessionUpdate(u"session-1"_s, SessionSettings()));
    addRow("session, full", sessionUpdate(u"session-1"_s, fullSettings(u"Be brief."_s)));
    SessionSettings s = fullSettings(u"x"_s);
    s.language.clear();
    addRow("session, no language", sessionUpdate(u"session-1"_s, s));
    s.language = u"en"_s;
    s.transcriptionModel.clear();
    addRow("session, language but no transcription", sessionUpdate(u"session-1"_s, s));
    s.voice.clear();
    addRow("session, no voice", sessionUpdate(u"session-1"_s, s));
    for (const double threshold : {0.0, 1.0, 0.1, 1.0 / 3}) {
        s.turnDetection = {threshold, 0, 10'000, true};
        addRow("session, threshold " + QByteArray::number(threshold), sessionUpdate(u"session-1"_s, s));
    }
    for (const int bytes : {0, 1, 2, 3, 160, 800, 8000})
        addRow("audio, " + QByteArray::number(bytes), appendAudio(u"audio-1"_s, QByteArray(bytes, char(0xFE))));
    addRow("response, bare", createResponse(u"response-1"_s, {}));
    s = fullSettings(u"Be brief."_s);
    s.tools = knownTools();
    addRow("session, tools", sessionUpdate(u"session-1"_s, s));
    addRow("tool answered", answerTool(u"item-1"_s, u"call_1"_s, u"Not done."_s));
    for (const bool answering : {true, false})
        addRow(answering ? "turns answered" : "turns not answered",
               setAnswering(u"turns-1"_s, fullSettings(u"x"_s).turnDetection, answering));
    addRow("cancel", cancelResponse(u"cancel-1"_s, u"resp_1"_s));
    for (const qint64 ms : {0LL, 1LL, 1480LL, 3'600'000LL})
        addRow("truncate, " + QByteArray::number(ms), truncateItem(u"truncate-1"_s, u"item_1"_s, ms));
    for (const Texts &t : texts()) {
        const QByteArray name(t.name);
        addRow("session, " + name, sessionUpdate(u"session-1"_s, fullSettings(t.text)));
        addRow("response, " + name, createResponse(u"response-1"_s, t.text));
        addRow("say, " + name, sayExactly(u"response-1"_s, t.text));
        addRow("caller said, " + name, createMessage(u"item-1"_s, true, t.text));
        addRow("agent said, " + name, createMessage(u"item-1"_s, false, t.text));
    }
}

void TestSpeechSchema::ourEvents()
{
    QFETCH(QByteArray, event);
    QCOMPARE(m_judge.complaint(event), QString());
    const QJsonObject object = QJsonDocument::fromJson(event).object();
    QVERIFY(!object["event_id"_L1].toString().isEmpty());

    QStringList keys;
    QStringList words;
    collect(object, keys, words);
    for (const char *beta : {"modalities", "input_audio_format", "output_audio_format", "input_audio_transcription",
                             "temperature", "input_audio_noise_reduction", "max_response_output_tokens"})
        QVERIFY2(!keys.contains(QLatin1StringView(beta)), beta);
    const QJsonObject session = object["session"_L1].toObject();
    for (const char *beta : {"voice", "turn_detection"}) // they have moved below session.audio
        QVERIFY2(!session.contains(QLatin1StringView(beta)), beta);
    for (const char *beta : {"g711_ulaw", "g711_alaw", "pcm16", "text", "audio"}) {
        QStringList said = words;
        said.removeAll(object["session"_L1]["output_modalities"_L1][0].toString()); // "audio" is right there
        QVERIFY2(!said.contains(QLatin1StringView(beta)), beta);
    }
}

// The schema can't say everything.
void TestSpeechSchema::contents()
{
    const auto json = [](const QByteArray &text) { return QJsonDocument::fromJson(text).object(); };
    for (const Texts &t : texts()) {
        if (QByteArrayView(t.name) == "half a surrogate")
            continue; // no UTF-8 can say it
        const QJsonObject session = json(sessionUpdate(u"e"_s, fullSettings(t.text)))["session"_L1].toObject();
        QCOMPARE(session["instructions"_L1].toString(), t.text);
        QCOMPARE(json(createResponse(u"e"_s, t.text))["response"_L1]["instructions"_L1].toString(), t.text);
        for (const bool caller : {true, false}) {
            const QJsonObject item = json(createMessage(u"e"_s, caller, t.text))["item"_L1].toObject();
            QCOMPARE(item["role"_L1].toString(), caller ? u"user"_s : u"assistant"_s);
            QCOMPARE(item["content"_L1][0]["type"_L1].toString(), caller ? u"input_text"_s : u"output_text"_s);
            QCOMPARE(item["content"_L1][0]["text"_L1].toString(), t.text);
        }
    }
    const QJsonObject session = json(sessionUpdate(u"e7"_s, fullSettings(u"x"_s)))["session"_L1].toObject();
    QCOMPARE(session["type"_L1].toString(), u"realtime"_s);
    QCOMPARE(session["output_modalities"_L1].toArray(), QJsonArray{u"audio"_s});
    const QJsonObject input = session["audio"_L1]["input"_L1].toObject();
    QCOMPARE(input["format"_L1].toObject(), (QJsonObject{{u"type"_s, u"audio/pcmu"_s}})); // no rate
    QCOMPARE(input["transcription"_L1].toObject(),
             (QJsonObject{{u"model"_s, u"gpt-4o-mini-transcribe"_s}, {u"language"_s, u"he"_s}}));
    QCOMPARE(input["turn_detection"_L1].toObject(), (QJsonObject{{u"type"_s, u"server_vad"_s},
                                                                 {u"threshold"_s, 0.75},
                                                                 {u"prefix_padding_ms"_s, 250},
                                                                 {u"silence_duration_ms"_s, 700},
                                                                 {u"create_response"_s, true},
                                                                 {u"interrupt_response"_s, false}}));
    QCOMPARE(session["audio"_L1]["output"_L1].toObject(),
             (QJsonObject{{u"format"_s, QJsonObject{{u"type"_s, u"audio/pcmu"_s}}}, {u"voice"_s, u"marin"_s}}));
    const QJsonObject silent = json(setAnswering(u"e"_s, fullSettings(u"x"_s).turnDetection, false));
    QJsonObject detection = input["turn_detection"_L1].toObject();
    detection["create_response"_L1] = false;
    QCOMPARE(silent["session"_L1]["audio"_L1]["input"_L1]["turn_detection"_L1].toObject(), detection);
    const QByteArray audio("\x00\x7F\x80\xFF", 4);
    QCOMPARE(json(appendAudio(u"e8"_s, audio))["audio"_L1].toString().toLatin1(), audio.toBase64());
    QCOMPARE(json(appendAudio(u"e8"_s, audio))["event_id"_L1].toString(), u"e8"_s);
    QCOMPARE(json(truncateItem(u"e9"_s, u"item_x"_s, 1480)), (QJsonObject{{u"type"_s, u"conversation.item.truncate"_s},
                                                                          {u"event_id"_s, u"e9"_s},
                                                                          {u"item_id"_s, u"item_x"_s},
                                                                          {u"content_index"_s, 0},
                                                                          {u"audio_end_ms"_s, 1480}}));
    QCOMPARE(json(cancelResponse(u"e"_s, u"resp_9"_s))["response_id"_L1].toString(), u"resp_9"_s);
}

void TestSpeechSchema::wrongEvents_data()
{
    QTest::addColumn<QByteArray>("event");
    const auto session = [](const char *name, const QByteArray &inside) {
        QTest::newRow(name) << R"({"type":"session.update","session":{)" + inside + "}}";
    };
    const auto event = [](const char *name, const char *text) { QTest::newRow(name) << QByteArray(text); };
    session("session without type", R"("instructions":"x")");
    session("session of no type", R"("type":"conversation")");
    session("unknown session key", R"("type":"realtime","colour":"red")");
    session("beta: voice", R"("type":"realtime","voice":"marin")");
    session("beta: modalities", R"("type":"realtime","modalities":["audio"])");
    session("beta: input_audio_format", R"("type":"realtime","input_audio_format":"g711_ulaw")");
    session("beta: turn_detection", R"("type":"realtime","turn_detection":{"type":"server_vad"})");
    session("beta: temperature", R"("type":"realtime","temperature":0.8)");
    session("beta: max_response_output_tokens", R"("type":"realtime","max_response_output_tokens":100)");
    session("beta: transcription", R"("type":"realtime","input_audio_transcription":{"model":"whisper-1"})");
    session("format is a string", R"("type":"realtime","audio":{"input":{"format":"g711_ulaw"}})");
    session("format with a rate",
            R"("type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu","rate":8000}}})");
    session("format unknown", R"("type":"realtime","audio":{"output":{"format":{"type":"audio/mulaw"}}})");
    session("VAD unknown", R"("type":"realtime","audio":{"input":{"turn_detection":{"type":"client_vad"}}})");
    session("VAD without type", R"("type":"realtime","audio":{"input":{"turn_detection":{"threshold":0.5}}})");
    session(
        "VAD with half a millisecond",
        R"("type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":0.5}}})");
    session("VAD threshold is null",
            R"("type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":null}}})");
    session("modality unknown", R"("type":"realtime","output_modalities":["video"])");
    event("no session", R"({"type":"session.update"})");
    event("no type", R"({"session":{"type":"realtime"}})");
    event("unknown type", R"({"type":"session.change"})");
    event("append: extra key", R"({"type":"input_audio_buffer.append","audio":"","format":"pcmu"})");
    event("append: no audio", R"({"type":"input_audio_buffer.append"})");
    event("append: audio is a list", R"({"type":"input_audio_buffer.append","audio":[1]})");
    event("append: event_id too long",
          QByteArray(R"({"type":"input_audio_buffer.append","audio":"","event_id":")" + QByteArray(513, 'x') + "\"}")
              .constData());
    event("truncate: a string",
          R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":"5"})");
    event("truncate: a fraction",
          R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":5.5})");
    event("truncate: no index", R"({"type":"conversation.item.truncate","item_id":"i","audio_end_ms":5})");
    event("item: beta content", R"({"type":"conversation.item.create","item":{"type":"message","role":"assistant",)"
                                R"("content":[{"type":"text","text":"x"}]}})");
    event("item: of the other role", R"({"type":"conversation.item.create","item":{"type":"message","role":"user",)"
                                     R"("content":[{"type":"output_text","text":"x"}]}})");
    event("response: beta key", R"({"type":"response.create","response":{"modalities":["audio"]}})");
    event("response: extra key", R"({"type":"response.create","response_id":"r"})");
}

void TestSpeechSchema::wrongEvents()
{
    QFETCH(QByteArray, event);
    QVERIFY(QJsonDocument::fromJson(event).isObject()); // it is the content that is wrong
    QVERIFY(!m_judge.complaint(event).isEmpty());
}

QTEST_APPLESS_MAIN(TestSpeechSchema)
#include "tst_speech_schema.moc"
