// SPDX-License-Identifier: GPL-3.0-or-later
// The AI HTTP API's chats: answers that keep to the schema in the request, what is refused, and every fault.
#include "sim/ai/reader.h"
#include "sim/worktest.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

namespace {

constexpr auto kSchema = R"({"type":"object","additionalProperties":false,
  "required":["summary","language","label","city","service","customer_name","preferred_time","confidence",
              "city_confidence","points","callback","nested"],
  "properties":{"summary":{"type":"string"},"language":{"type":"string","enum":["he","en"]},
    "label":{"type":"string","enum":["complaint","new_order","other"]},"city":{"type":["string","null"]},
    "service":{"anyOf":[{"type":"string"},{"type":"null"}]},"customer_name":{"type":["string","null"]},
    "preferred_time":{"type":["string","null"]},"confidence":{"type":"number"},"city_confidence":{"type":"number"},
    "points":{"type":"array","items":{"type":"string"}},"callback":{"type":"boolean"},
    "nested":{"type":"object","additionalProperties":false,"required":["count"],
              "properties":{"count":{"type":"integer"}}}}})";

constexpr auto kTalk = "[00:01] Agent: Thank you for calling. My name is Tess.\n"
                       "[00:05] Caller: Hello, my name is Dana Levi and I have a new order for a blue bicycle.\n"
                       "[00:12] Agent: Shall a colleague call you back tomorrow at ten?\n"
                       "[00:15] Caller: Yes, a callback tomorrow at ten, to Haifa.\n"
                       "[00:19] Agent: Goodbye.";

QJsonObject chatRequest(const QString &text = QString::fromLatin1(kTalk), bool nested = true)
{
    const QJsonObject schema = QJsonDocument::fromJson(kSchema).object();
    const QJsonObject named{{u"name"_s, u"call"_s}, {u"strict"_s, true}, {u"schema"_s, schema}};
    const QJsonObject format = nested ? QJsonObject{{u"type"_s, u"json_schema"_s}, {u"json_schema"_s, named}}
                                      : QJsonObject{{u"type"_s, u"json_schema"_s}, {u"schema"_s, schema}};
    return {{u"model"_s, u"gpt-4o-mini"_s},
            {u"messages"_s, QJsonArray{QJsonObject{{u"role"_s, u"system"_s}, {u"content"_s, u"Summarize."_s}},
                                       QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, text}}}},
            {u"response_format"_s, format},
            {u"max_completion_tokens"_s, 800}};
}

WorkReply chat(std::uint16_t port, const QJsonObject &request, const std::string &key = "sk-test")
{
    WorkHeaders headers{{"Content-Type", "application/json"}};
    if (!key.empty())
        headers.emplace_back("Authorization", "Bearer " + key);
    return askPort(port, "POST", "/v1/chat/completions", headers,
                   QJsonDocument(request).toJson(QJsonDocument::Compact).toStdString());
}

QJsonObject choiceOf(const WorkReply &reply)
{
    return reply.json.value(u"choices"_s).toArray().at(0).toObject();
}

QString contentOf(const WorkReply &reply)
{
    return choiceOf(reply).value(u"message"_s).toObject().value(u"content"_s).toString();
}

QJsonObject objectOf(const WorkReply &reply)
{
    return QJsonDocument::fromJson(contentOf(reply).toUtf8()).object();
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

const Params kVerbose{{"model", "whisper-1"}, {"response_format", "verbose_json"}};

} // namespace

class TestSimChat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void chatsKeepToTheSchema();
    void chatsAreChecked();
    void theWordsOfNobody();
    void limitOfTokens();
    void refusals_data();
    void refusals();
    void slowAndDropped();
    void brokenAnswers();
    void llamaCpp();
    void ollama();
};

void TestSimChat::chatsKeepToTheSchema()
{
    const auto sim = world();
    const WorkReply reply = chat(sim->aiPort(), chatRequest());
    QCOMPARE(reply.status(), 200);
    QCOMPARE(choiceOf(reply).value(u"finish_reason"_s).toString(), u"stop"_s);
    QVERIFY(choiceOf(reply).value(u"message"_s).toObject().value(u"refusal"_s).isNull());
    const QJsonObject said = objectOf(reply);
    QCOMPARE(said.size(), 12); // all fields, and no others
    const QString summary = said.value(u"summary"_s).toString();
    QVERIFY2(summary.contains(u"\"Hello, my name is Dana Levi and I have a new order for a blue bicycle.\""),
             qPrintable(summary));
    QVERIFY2(summary.contains(u"\"Goodbye.\""), qPrintable(summary));
    QCOMPARE(said.value(u"language"_s).toString(), u"en"_s);
    QCOMPARE(said.value(u"label"_s).toString(), u"new_order"_s);
    QCOMPARE(said.value(u"city"_s).toString(), u"Haifa"_s);
    QCOMPARE(said.value(u"service"_s).toString(), u"order"_s);           // said before the bicycle
    QCOMPARE(said.value(u"customer_name"_s).toString(), u"Dana Levi"_s); // not the agent's
    QCOMPARE(said.value(u"preferred_time"_s).toString(), u"tomorrow at ten"_s);
    QCOMPARE(said.value(u"confidence"_s).toDouble(), 0.9);
    QCOMPARE(said.value(u"city_confidence"_s).toDouble(), 0.9);
    QCOMPARE(said.value(u"points"_s).toArray().size(), 1);
    QCOMPARE(said.value(u"callback"_s).toBool(), true);
    QCOMPARE(said.value(u"nested"_s).toObject().value(u"count"_s).toInt(-1), 0);
    const QJsonObject nothing = objectOf(chat(sim->aiPort(), chatRequest(u"Caller: Well.\nAgent: Yes?"_s)));
    for (const QString &field : {u"city"_s, u"service"_s, u"customer_name"_s, u"preferred_time"_s})
        QVERIFY2(nothing.contains(field) && nothing.value(field).isNull(), qPrintable(field));
    QCOMPARE(nothing.value(u"city_confidence"_s).toDouble(), 0.3);
    QCOMPARE(nothing.value(u"label"_s).toString(), u"complaint"_s); // the first
    QCOMPARE(nothing.value(u"callback"_s).toBool(), false);
    QCOMPARE(sim->aiLog()[0].kind, std::string("chat"));
    QVERIFY(sim->aiLog()[0].prompt.find("Dana Levi") != std::string::npos);
    QCOMPARE(sim->work().chats, 2);
}

void TestSimChat::chatsAreChecked()
{
    const auto sim = world();
    const auto refused = [&](const QJsonObject &request, int status, const QString &code) {
        const WorkReply reply = chat(sim->aiPort(), request);
        QCOMPARE(reply.status(), status);
        QCOMPARE(reply.error("code"), code);
    };
    QJsonObject request = chatRequest();
    request[u"model"_s] = u"llama-3"_s;
    refused(request, 404, u"model_not_found"_s);
    request = chatRequest();
    request.remove(u"messages"_s);
    refused(request, 400, u"missing_required_parameter"_s);
    request = chatRequest();
    request[u"cache_prompt"_s] = true;
    refused(request, 400, u""_s);
    refused(chatRequest(QString::fromLatin1(kTalk), false), 400, u"missing_required_parameter"_s); // flat
    for (const QString &key : {u"required"_s, u"additionalProperties"_s}) {                        // strict mode
        request = chatRequest();
        QJsonObject format = request.value(u"response_format"_s).toObject();
        QJsonObject named = format.value(u"json_schema"_s).toObject();
        QJsonObject schema = named.value(u"schema"_s).toObject();
        schema.remove(key);
        named[u"schema"_s] = schema;
        format[u"json_schema"_s] = named;
        request[u"response_format"_s] = format;
        refused(request, 400, u"invalid_json_schema"_s);
    }
    request = chatRequest();
    request[u"response_format"_s] = QJsonObject{{u"type"_s, u"json_object"_s}};
    refused(request, 400, u""_s); // nobody said json
    QCOMPARE(askPort(sim->aiPort(), "POST", "/v1/chat/completions", {{"Authorization", "Bearer x"}}, "{").status(),
             400);
    request.remove(u"response_format"_s);
    QVERIFY(contentOf(chat(sim->aiPort(), request)).startsWith(u"The caller began with"));
}

void TestSimChat::theWordsOfNobody()
{
    const AiOptions options;
    Reader reader(options, u"A text. Without any roles in it."_s);
    QVERIFY(reader.summary().contains(u"\"A text\""));
    const QJsonObject schema{
        {u"$defs"_s, QJsonObject{{u"place"_s, QJsonObject{{u"type"_s, QJsonArray{u"string"_s, u"null"_s}}}}}},
        {u"type"_s, u"object"_s},
        {u"properties"_s,
         QJsonObject{{u"raw_city"_s, QJsonObject{{u"$ref"_s, u"#/$defs/place"_s}}},
                     {u"things"_s,
                      QJsonObject{{u"type"_s, u"array"_s}, {u"items"_s, QJsonObject{{u"type"_s, u"object"_s}}}}}}}};
    const QJsonObject filled = Reader(options, u"from berlin, please"_s).fill(schema).toObject();
    QCOMPARE(filled.value(u"raw_city"_s).toString(), u"Berlin"_s);
    QVERIFY(filled.value(u"things"_s).isArray());
}

void TestSimChat::limitOfTokens()
{
    const auto sim = world();
    QJsonObject request = chatRequest();
    request[u"max_completion_tokens"_s] = 20;
    const WorkReply reply = chat(sim->aiPort(), request);
    QCOMPARE(choiceOf(reply).value(u"finish_reason"_s).toString(), u"length"_s);
    QCOMPARE(contentOf(reply).size(), 80);
    QVERIFY(objectOf(reply).isEmpty()); // no JSON any more
}

void TestSimChat::refusals_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("retryAfter");
    QTest::newRow("429") << u"429"_s << 429 << u"rate_limit_exceeded"_s << u"7"_s;
    QTest::newRow("quota") << u"quota"_s << 429 << u"insufficient_quota"_s << u""_s;
    QTest::newRow("500") << u"500"_s << 500 << u""_s << u""_s;
    QTest::newRow("503") << u"503"_s << 503 << u""_s << u"7"_s;
}

void TestSimChat::refusals()
{
    QFETCH(QString, fault);
    QFETCH(int, status);
    QFETCH(QString, code);
    QFETCH(QString, retryAfter);
    const auto sim = world(AiFlavour::OpenAi, {{fault.toStdString(), 1}, {"retry-after", 7}});
    const WorkReply reply = chat(sim->aiPort(), chatRequest());
    QCOMPARE(reply.status(), status);
    QCOMPARE(reply.error("code"), code);
    QCOMPARE(QString::fromStdString(reply.http.head.header("retry-after")), retryAfter);
    QVERIFY(reply.http.head.header("retry-after-ms").empty());
    QCOMPARE(sim->aiLog()[0].fault, fault.toStdString());
    QCOMPARE(chat(sim->aiPort(), chatRequest()).status(), 200);
    if (fault != u"429")
        return;
    QVERIFY(sim->setFault("ai.retry-after", -1));
    QVERIFY(sim->setFault("ai.retry-after-ms", 250));
    QVERIFY(sim->setFault("ai.429", FaultBoard::kAll));
    for (int i = 0; i < 3; ++i) {
        const WorkReply busy = chat(sim->aiPort(), chatRequest());
        QCOMPARE(busy.status(), 429);
        QCOMPARE(busy.http.head.header("retry-after-ms"), std::string("250"));
        QVERIFY(busy.http.head.header("retry-after").empty());
    }
}

void TestSimChat::slowAndDropped()
{
    const auto sim = world(AiFlavour::OpenAi, {{"drop-before", 1}, {"drop-after", 1}});
    QCOMPARE(chat(sim->aiPort(), chatRequest()).http.failure, HttpResult::Failure::Broken);
    QCOMPARE(chat(sim->aiPort(), chatRequest()).http.failure, HttpResult::Failure::Broken);
    QVERIFY(!sim->aiLog()[0].done);
    QVERIFY(sim->aiLog()[1].done);
    QCOMPARE(sim->aiLog()[1].status, 0);
    QVERIFY(sim->setFault("ai.slow", 300));
    const WorkReply slow = chat(sim->aiPort(), chatRequest());
    QCOMPARE(slow.status(), 200);
    QVERIFY(slow.http.took >= 300 * kMillisecond);
    QCOMPARE(sim->work().chats, 2);
}

void TestSimChat::brokenAnswers()
{
    const auto sim = world();
    const auto with = [&](const char *fault) {
        if (!sim->setFault(std::string("ai.") + fault, 1))
            qFatal("%s", fault);
        const WorkReply reply = chat(sim->aiPort(), chatRequest());
        if (sim->aiLog().back().fault != fault)
            qFatal("%s did not happen", fault);
        return reply;
    };
    const WorkReply refused = with("refusal");
    QVERIFY(!choiceOf(refused).value(u"message"_s).toObject().value(u"refusal"_s).toString().isEmpty());
    QVERIFY(choiceOf(refused).value(u"message"_s).toObject().value(u"content"_s).isNull());
    const WorkReply cut = with("length");
    QCOMPARE(choiceOf(cut).value(u"finish_reason"_s).toString(), u"length"_s);
    QVERIFY(contentOf(cut).startsWith(u'{') && objectOf(cut).isEmpty());
    const WorkReply invalid = with("invalid-json");
    QVERIFY(!contentOf(invalid).isEmpty() && objectOf(invalid).isEmpty());
    const QString fenced = contentOf(with("fences"));
    QVERIFY(fenced.startsWith(u"```json\n{") && fenced.endsWith(u"}\n```"));
    QVERIFY(QJsonDocument::fromJson(fenced.mid(8).chopped(4).toUtf8()).isObject());
    const QJsonObject null = objectOf(with("null"));
    QVERIFY(null.contains(u"callback"_s) && null.value(u"callback"_s).isNull()); // the first by its name
    QVERIFY(objectOf(with("wrong-type")).value(u"callback"_s).isString());
    QVERIFY(with("empty-choices").json.value(u"choices"_s).toArray().isEmpty());
    QCOMPARE(objectOf(chat(sim->aiPort(), chatRequest())).value(u"callback"_s), QJsonValue(true)); // all is well again
}

void TestSimChat::llamaCpp()
{
    const auto sim = world(AiFlavour::LlamaCpp);
    for (const bool nested : {true, false}) {
        QJsonObject request = chatRequest(QString::fromLatin1(kTalk), nested);
        request[u"max_tokens"_s] = 800;
        request.remove(u"max_completion_tokens"_s);
        request[u"cache_prompt"_s] = true; // its own
        const WorkReply reply = chat(sim->aiPort(), request, {});
        QCOMPARE(reply.status(), 200);
        QCOMPARE(objectOf(reply).value(u"city"_s).toString(), u"Haifa"_s);
        QVERIFY(reply.json.value(u"usage"_s).toObject().value(u"total_tokens"_s).toInt() > 100);
    }
    const WorkReply audio = transcribe(sim->aiPort(), {}, kVerbose);
    QCOMPARE(audio.status(), 404);
    QCOMPARE(audio.error("type"), u"not_found_error"_s);
}

void TestSimChat::ollama()
{
    const auto sim = world(AiFlavour::Ollama);
    QCOMPARE(objectOf(chat(sim->aiPort(), chatRequest(), {})).value(u"city"_s).toString(), u"Haifa"_s);
    const WorkReply audio = transcribe(sim->aiPort(), {}, kVerbose);
    QCOMPARE(audio.status(), 404);
    QCOMPARE(audio.http.body, std::string("404 page not found"));
}

QTEST_GUILESS_MAIN(TestSimChat)
#include "tst_sim_chat.moc"
