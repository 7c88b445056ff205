// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to AI servers, and what their answers mean for a job.
#include "jobs/aiclient.h"

#include "support/airig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;
using namespace takt::test;

namespace {

HttpAnswer answered(int status, const QByteArray &body, const HttpHeaders &headers = {})
{
    HttpAnswer answer;
    answer.status = status;
    answer.body = body;
    answer.headers = headers;
    answer.complete = true;
    return answer;
}

const QByteArray kQuota =
    R"({"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}})";
const QByteArray kBroke = R"({"error":{"message":"No credit","code":"credit_balance_exhausted"}})";
const QByteArray kBusy = R"({"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}})";

} // namespace

class TestAiClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsErrors_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("param");
        QTest::newRow("OpenAI") << QByteArray(
            R"({"error":{"message":"no such model","type":"x","param":"model","code":"model_not_found"}})")
                                << u"no such model"_s << u"model_not_found"_s << u"model"_s;
        QTest::newRow("nulls") << QByteArray(R"({"error":{"message":"m","type":null,"param":null,"code":null}})")
                               << u"m"_s << u""_s << u""_s;
        QTest::newRow("whisper.cpp") << QByteArray(R"({"error":"no 'file' field in the request"})")
                                     << u"no 'file' field in the request"_s << u""_s << u""_s;
        QTest::newRow("llama.cpp") << QByteArray(
            R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})")
                                   << u"Loading model"_s << u"503"_s << u""_s;
        QTest::newRow("vLLM") << QByteArray(
            R"({"object":"error","message":"bad","type":"BadRequestError","param":null,"code":400})")
                              << u"bad"_s << u"400"_s << u""_s;
        QTest::newRow("FastAPI") << QByteArray(R"({"detail":"Not Found"})") << u"Not Found"_s << u""_s << u""_s;
        QTest::newRow("FastAPI, list") << QByteArray(R"({"detail":[{"loc":["body"],"msg":"field required"}]})")
                                       << u"field required"_s << u""_s << u""_s;
        QTest::newRow("FastAPI, empty list") << QByteArray(R"({"detail":[]})") << u""_s << u""_s << u""_s;
        QTest::newRow("text") << QByteArray(" not found \n") << u"not found"_s << u""_s << u""_s;
        QTest::newRow("a page") << QByteArray("<html>502</html>") << u""_s << u""_s << u""_s;
        QTest::newRow("half an object") << QByteArray("{\"error\":{\"mess") << u""_s << u""_s << u""_s;
        QTest::newRow("nothing") << QByteArray() << u""_s << u""_s << u""_s;
    }
    void readsErrors()
    {
        QFETCH(QByteArray, body);
        const ServerError error = serverError(body);
        QTEST(error.message, "message");
        QTEST(error.code, "code");
        QTEST(error.param, "param");
    }

    void failures_data()
    {
        using Headers = HttpHeaders;
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<HttpHeaders>("headers");
        QTest::addColumn<bool>("again");
        QTest::addColumn<qint64>("delay");
        QTest::addColumn<QString>("reason");
        const QByteArray none = "{}";
        const auto row = [](const char *name, int status, const QByteArray &body, const Headers &headers, bool again,
                            qint64 delay, const QString &reason) {
            QTest::newRow(name) << status << body << headers << again << delay << reason;
        };
        row("wrong key, said as text", 401,
            R"({"error":{"message":"Incorrect API key provided: sk-tes*****key. Look at it.","code":"invalid_api_key"}})",
            {{"Content-Type", "text/plain"}}, false, -1, u"HTTP 401: Incorrect API key provided: sk-*** Look at it."_s);
        row("forbidden", 403, none, {}, false, -1, u"HTTP 403"_s);
        row("no such model", 404, R"({"error":{"message":"The model `x` does not exist","code":"model_not_found"}})",
            {}, false, -1, u"HTTP 404: The model `x` does not exist"_s);
        row("bad request", 400, R"({"error":{"message":"bad\nfile"}})", {}, false, -1, u"HTTP 400: bad file"_s);
        row("too large", 413, "<html>nginx</html>", {}, false, -1,
            u"HTTP 413: the server takes no file of this size"_s);
        row("redirected", 302, none, {{"Location", "https://elsewhere"}}, false, -1,
            u"HTTP 302: redirected, which is not followed"_s);
        row("timeout", 408, none, {}, true, -1, u"HTTP 408"_s);
        row("conflict", 409, none, {}, true, -1, u"HTTP 409"_s);
        row("busy", 429, kBusy, {}, true, -1, u"HTTP 429: Rate limit reached"_s);
        row("busy, seconds", 429, kBusy, {{"Retry-After", "20"}}, true, 20'000, u"HTTP 429: Rate limit reached"_s);
        row("busy, milliseconds", 429, kBusy, {{"retry-after-ms", "2500"}, {"Retry-After", "9"}}, true, 2500,
            u"HTTP 429: Rate limit reached"_s);
        row("busy, at once", 429, kBusy, {{"Retry-After", "0"}}, true, 1000, u"HTTP 429: Rate limit reached"_s);
        row("busy for days", 429, kBusy, {{"Retry-After", "999999"}}, true, 3'600'000,
            u"HTTP 429: Rate limit reached"_s);
        row("no quota", 429, kQuota, {}, false, -1, u"HTTP 429: You exceeded your quota"_s);
        row("no quota, whatever is said", 429, kQuota, {{"Retry-After", "5"}, {"x-should-retry", "true"}}, false, -1,
            u"HTTP 429: You exceeded your quota"_s);
        row("no credit", 429, kBroke, {}, false, -1, u"HTTP 429: No credit"_s);
        row("broken", 500, "oops", {}, true, -1, u"HTTP 500: oops"_s);
        row("loading", 503, R"({"error":{"code":503,"message":"Loading model"}})", {{"Retry-After", "3"}}, true, 3000,
            u"HTTP 503: Loading model"_s);
        row("broken, never again", 500, none, {{"X-Should-Retry", "false"}}, false, -1, u"HTTP 500"_s);
        row("bad, but again", 400, none, {{"x-should-retry", "true"}}, true, -1, u"HTTP 400"_s);
        row("says something else", 400, none, {{"x-should-retry", "maybe"}}, false, -1, u"HTTP 400"_s);
    }
    void failures()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(HttpHeaders, headers);
        const store::Outcome outcome = failureOf(answered(status, body, headers), u"sk-test-key"_s, 1'700'000'000'000);
        QTEST(outcome.kind == AttemptOutcome::Retry, "again");
        QCOMPARE(outcome.kind == AttemptOutcome::Failed, outcome.kind != AttemptOutcome::Retry);
        QTEST(outcome.delayMs, "delay");
        QTEST(outcome.reason, "reason");
    }
    void failuresBeforeAnAnswer()
    {
        HttpAnswer answer;
        answer.error = u"the connection was refused"_s;
        QCOMPARE(failureOf(answer, {}, 0).kind, AttemptOutcome::Retry);
        QCOMPARE(failureOf(answer, {}, 0).reason, u"the connection was refused"_s);
        QCOMPARE(failureOf({}, {}, 0).reason, u"no answer"_s);
        answer.tooLong = true;
        QCOMPARE(failureOf(answer, {}, 0).kind, AttemptOutcome::Failed);
        answer = answered(200, "{\"text\":");
        answer.complete = false;
        QCOMPARE(failureOf(answer, {}, 0).kind, AttemptOutcome::Retry);
    }
    void noSecretInAReason()
    {
        const store::Outcome outcome = failureOf(
            answered(400, R"({"error":{"message":"what is hunter2 and sk-proj-AbC_9.x for?"}})"), u"hunter2"_s, 0);
        QCOMPARE(outcome.reason, u"HTTP 400: what is *** and sk-*** for?"_s);
        QVERIFY(failureOf(answered(500, QByteArray(100'000, 'x')), {}, 0).reason.size() < 400);
    }

    void readsSuccess_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("text"); // null: none
        QTest::newRow("json") << QByteArray(R"({"text":"hello"})") << u"hello"_s;
        QTest::newRow("plain text") << QByteArray(" hello\n") << u"hello"_s;
        QTest::newRow("empty") << QByteArray() << u""_s;
        QTest::newRow("half an object") << QByteArray(R"({"text":"hel)") << QString();
        QTest::newRow("a list") << QByteArray("[1]") << QString();
        QTest::newRow("a page") << QByteArray("<html>login</html>") << QString();
    }
    void readsSuccess()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, text);
        const AiReply reply = readReply(answered(200, body), {}, 0);
        QCOMPARE(reply.body.has_value(), !text.isNull());
        if (reply.body)
            QCOMPARE(reply.body->value("text"_L1).toString(), text);
        else
            QCOMPARE(reply.outcome.kind, AttemptOutcome::Retry);
    }

    void names()
    {
        QVERIFY(isOpenAi(QUrl(u"https://api.openai.com/v1"_s)));
        QVERIFY(isOpenAi(QUrl(u"https://EU.api.openai.com/v1"_s)));
        QVERIFY(!isOpenAi(QUrl(u"http://127.0.0.1:8080/v1"_s)));
        QVERIFY(!isOpenAi(QUrl(u"https://api.openai.com.example/v1"_s)));
        QVERIFY(!isOpenAi(QUrl(u"https://notapi.openai.com/v1"_s)));
        for (const auto &model :
             {u"o1"_s, u"o3-mini"_s, u"o4-mini"_s, u"gpt-5"_s, u"GPT-5-mini"_s, u"openai/gpt-5.1"_s})
            QVERIFY2(isReasoningModel(model), qPrintable(model));
        for (const auto &model :
             {u"gpt-4o-mini"_s, u"o"_s, u""_s, u"omni-2"_s, u"olmo2"_s, u"llama3.1"_s, u"gpt-4.1"_s})
            QVERIFY2(!isReasoningModel(model), qPrintable(model));
        QCOMPARE(endpoint(QUrl(u"http://h/v1/"_s), "chat/completions"_L1), QUrl(u"http://h/v1/chat/completions"_s));
        QCOMPARE(endpoint(QUrl(u"http://h"_s), "x"_L1), QUrl(u"http://h/x"_s));
        QCOMPARE(endpoint(QUrl(u"http://h/v1?api-version=2"_s), "x"_L1), QUrl(u"http://h/v1/x?api-version=2"_s));
        config::OpenAiSettings settings;
        QCOMPARE(whyNotAsked(settings, QUrl(u"https://api.openai.com/v1"_s)), u"no API key"_s);
        QCOMPARE(whyNotAsked(settings, QUrl(u"http://127.0.0.1:11434/v1"_s)), u""_s);
        settings.apiKey = u"k"_s;
        QCOMPARE(whyNotAsked(settings, QUrl(u"https://api.openai.com/v1"_s)), u""_s);
    }

    // Over real sockets.
    void sendsJson()
    {
        AiRig ai;
        ai.rig.putCall();
        ai.script = {say({{u"a"_s, 1}})};
        const auto context = ai.rig.context(Stage::Summarize);
        const AiReply reply = postJson(*context, ai.server.url(u"/v1/x"_s), {{u"q"_s, u"שלום"_s}});
        QVERIFY(reply.body.has_value());
        const HttpSeen &seen = ai.server.requests.first();
        QCOMPARE(seen.method, QByteArray("POST"));
        QCOMPARE(seen.headers.value("authorization"), QByteArray("Bearer sk-test-key"));
        QCOMPARE(seen.headers.value("content-type"), QByteArray("application/json"));
        QCOMPARE(ai.asked(0), (QJsonObject{{u"q"_s, u"שלום"_s}}));
    }
    void sendsNoKeyWhereThereIsNone()
    {
        AiRig ai;
        ai.rig.putCall();
        ai.rig.settings.openai.apiKey.clear();
        ai.script = {say({})};
        const auto context = ai.rig.context(Stage::Summarize);
        QVERIFY(postJson(*context, ai.server.url(), {}).body.has_value());
        QVERIFY(!ai.server.requests.first().headers.contains("authorization"));
    }
    void uploads()
    {
        AiRig ai;
        ai.rig.putCall();
        ai.script = {say({{u"text"_s, u"hi"_s}})};
        const QByteArray wav = wavOf({{500}});
        const auto context = ai.rig.context(Stage::Transcribe);
        QVERIFY(
            upload(*context, {ai.server.url(), {{"model", "whisper-1"}}, u"caller.wav"_s, wav, 500}).body.has_value());
        const Uploaded seen = uploadedIn(ai.server.requests.first());
        QCOMPARE(seen.file, wav);
        QCOMPARE(seen.fileMs, 500);
        QCOMPARE(seen.fileName, QByteArray("caller.wav"));
        QCOMPARE(seen.value("model"), QByteArray("whisper-1"));
    }
    void faultsOfTheNetwork_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("dropped") << 0;
        QTest::newRow("cut off") << 1;
        QTest::newRow("nobody there") << 2;
        QTest::newRow("not HTTP") << 3;
    }
    void faultsOfTheNetwork()
    {
        QFETCH(int, kind);
        AiRig ai;
        ai.rig.putCall();
        HttpSay fault = say({{u"text"_s, u"hello"_s}});
        fault.drop = kind == 0;
        fault.cutAfter = kind == 1 ? 5 : -1;
        fault.raw = kind == 3 ? "SSH-2.0-OpenSSH\r\n\r\n" : "";
        ai.script = {fault};
        QUrl url = ai.server.url();
        if (kind == 2)
            url.setPort(freePort());
        const auto context = ai.rig.context(Stage::Summarize);
        const AiReply reply = postJson(*context, url, {});
        QVERIFY(!reply.body);
        QCOMPARE(reply.outcome.kind, AttemptOutcome::Retry);
        QVERIFY(!reply.outcome.reason.isEmpty());
        QVERIFY(ai.requests() <= 1); // not again behind our back
    }
    void isStopped()
    {
        AiRig ai;
        ai.rig.putCall();
        HttpSay nothing;
        nothing.silent = true;
        ai.script = {nothing};
        ai.onRequest = [&](const HttpSeen &) { ai.rig.pass->stop(u"the call is active again"_s); };
        const auto context = ai.rig.context(Stage::Summarize);
        QCOMPARE(postJson(*context, ai.server.url(), {}).outcome.kind, AttemptOutcome::Interrupted);
        QCOMPARE(postJson(*context, ai.server.url(), {}).outcome.kind, AttemptOutcome::Interrupted);
        QCOMPARE(ai.requests(), 1); // who is stopped already asks nothing
    }
};

QTEST_GUILESS_MAIN(TestAiClient)
#include "tst_aiclient.moc"
