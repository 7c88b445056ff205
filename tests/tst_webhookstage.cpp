// SPDX-License-Identifier: GPL-3.0-or-later
// The webhook.deliver stage over real sockets and a real database: what is sent, what counts as delivered, what is tried
// again and when, and whom it refuses to talk to.
#include "jobs/stages/stages.h"
#include "jobs/webhooksign.h"
#include "store/jobstore.h"
#include "store/outbox.h"
#include "support/jobrig.h"

#include <QJsonArray>
#include <QTest>

using namespace takt;
using namespace takt::test;
using namespace takt::store;

namespace {

const QString kBusiness = u"Plumbers"_s;
const QString kSecret = u"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"_s;
const QString kOther = u"whsec_"_s + QString::fromLatin1(QByteArray(32, 'o').toBase64());

// A call of a business, ready to be told, and a receiver that answers as it is told.
struct Desk {
    explicit Desk(HttpSay answer = {})
        : say(std::move(answer))
    {
        rig.settings.webhook.url = receiver.url(u"/hook?key=1"_s);
        rig.settings.webhook.secret = kSecret;
        rig.settings.webhook.allowNetworks = {QHostAddress::parseSubnet(u"127.0.0.0/8"_s)};
        setBusiness({});
        rig.putCall(kBusiness);
        rig.putTurn(Speaker::Caller, u"My tap leaks"_s);
        rig.putJobState(Stage::Download, JobState::Skipped, u"no recording"_s);
    }
    void setBusiness(const QUrl &url, const QString &secret = {})
    {
        auto business = std::make_shared<config::Business>();
        business->name = kBusiness;
        business->webhookUrl = url;
        business->webhookSecret = secret;
        rig.settings.businesses = config::BusinessBook({business}, nullptr);
    }
    // One attempt, written as the runner does; the next one is numbered.
    Outcome attempt()
    {
        const auto context = rig.context(Stage::Webhook);
        const Outcome outcome = jobs::deliverWebhook(*context);
        const auto written = JobStore(*rig.database).finish(context->job(), outcome);
        if (!written || !*written)
            QTest::qFail(written ? "the lease is lost" : qPrintable(written.error()), __FILE__, __LINE__);
        ++rig.job.attempt;
        return outcome;
    }
    WebhookMessage message() { return Outbox(*rig.database).message(JobRig::kCallSid, u"call.completed"_s).value(); }
    QString attempts()
    {
        return rig
            .value(
                u"SELECT group_concat(status || ' ' || error, '|') FROM (SELECT * FROM webhook_attempts ORDER BY number)"_s)
            .toString();
    }

    HttpSay say;
    ScriptedHttp receiver{[this](const HttpSeen &) { return say; }};
    JobRig rig;
};

HttpSay status(int code, const QByteArray &headers = {}, const QByteArray &body = "no")
{
    return {.status = code, .body = body, .headers = headers};
}

} // namespace

class TestWebhookStage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void delivers();
    void noWebhook();
    void businessBeforeGateway();
    void signsWithAllSecrets();
    void withoutSecret();
    void wrongSecret();
    void idAndBodyStayTheSame();
    void movedReceiver();
    void onlySuccessIsSuccess_data();
    void onlySuccessIsSuccess();
    void retryAfter_data();
    void retryAfter();
    void scheduleByAttempt();
    void lastAttempt();
    void retriedByAnOperator();
    void gone();
    void goneForLaterMessages();
    void goneOnlyThere();
    void nobodyListens();
    void connectionLost();
    void longAnswers();
    void answersAreKept();
    void refusedAddresses_data();
    void refusedAddresses();
    void unknownName();
    void deliveredAlready();
    void stoppedBefore();
    void stoppedWhileWaiting();
    void leadOfTheCall();
};

void TestWebhookStage::delivers()
{
    Desk desk;
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    QCOMPARE(desk.receiver.requests.size(), 1);
    const HttpSeen &seen = desk.receiver.requests[0];
    QCOMPARE(seen.method, QByteArray("POST"));
    QCOMPARE(seen.target, QByteArray("/hook?key=1"));
    QCOMPARE(seen.headers.value("content-type"), QByteArray("application/json"));
    QCOMPARE(seen.headers.value("user-agent"), QByteArray("takt/" TAKT_VERSION));
    const WebhookMessage message = desk.message();
    QVERIFY(message.delivered);
    QCOMPARE(message.attempts, 1);
    QCOMPARE(message.body, seen.body);
    QCOMPARE(message.business, kBusiness);
    const QByteArray id = seen.headers.value("webhook-id");
    QCOMPARE(QString::fromLatin1(id), message.id);
    const qint64 at = seen.headers.value("webhook-timestamp").toLongLong();
    QVERIFY(qAbs(at - QDateTime::currentSecsSinceEpoch()) < 60);
    QCOMPARE(seen.headers.value("webhook-signature"),
             jobs::webhookSignature(jobs::parseWebhookKeys(kSecret).value(), id, at, seen.body));
    const QJsonObject body = QJsonDocument::fromJson(seen.body).object();
    QCOMPARE(body.value("event_type"_L1).toString(), u"call.completed"_s);
    QCOMPARE(body.value("call_id"_L1).toString(), JobRig::kCallSid);
    QCOMPARE(body.value("transcript"_L1).toString(), u"Caller: My tap leaks"_s);
    QCOMPARE(
        body.value("data"_L1).toObject().value("stages"_L1).toArray().at(0).toObject().value("reason"_L1).toString(),
        u"no recording"_s);
    QCOMPARE(desk.attempts(), u"200 "_s);
    QCOMPARE(outcome.effects.result.value("message_id"_L1).toString(), message.id);
    QCOMPARE(outcome.effects.result.value("status"_L1).toInt(), 200);
}

void TestWebhookStage::noWebhook()
{
    Desk desk;
    desk.rig.settings.webhook.url = QUrl();
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, u"no webhook is set"_s);
    QVERIFY(desk.message().id.isEmpty());
}

void TestWebhookStage::businessBeforeGateway()
{
    Desk desk;
    desk.setBusiness(desk.receiver.url(u"/theirs"_s), kOther);
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    const HttpSeen &seen = desk.receiver.requests[0];
    QCOMPARE(seen.target, QByteArray("/theirs"));
    QCOMPARE(seen.headers.value("webhook-signature"),
             jobs::webhookSignature(jobs::parseWebhookKeys(kOther).value(), seen.headers.value("webhook-id"),
                                    seen.headers.value("webhook-timestamp").toLongLong(), seen.body));
}

void TestWebhookStage::signsWithAllSecrets()
{
    Desk desk;
    desk.rig.settings.webhook.secret = kSecret + u' ' + kOther;
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    QCOMPARE(desk.receiver.requests[0].headers.value("webhook-signature").count("v1,"), 2);
}

void TestWebhookStage::withoutSecret()
{
    Desk desk;
    desk.rig.settings.webhook.secret.clear();
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    const auto headers = desk.receiver.requests[0].headers;
    QVERIFY(headers.contains("webhook-id") && headers.contains("webhook-timestamp"));
    QVERIFY(!headers.contains("webhook-signature"));
}

void TestWebhookStage::wrongSecret()
{
    Desk desk;
    desk.rig.settings.webhook.secret = u"whsec_short"_s;
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Failed);
    QVERIFY(!outcome.reason.contains(u"short"_s));
    QCOMPARE(desk.receiver.connections, 0);
}

void TestWebhookStage::idAndBodyStayTheSame()
{
    Desk desk(status(500));
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    desk.rig.putTurn(Speaker::Caller, u"Said after it was frozen"_s);
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    desk.say = {};
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    const QList<HttpSeen> &seen = desk.receiver.requests;
    QCOMPARE(seen.size(), 3);
    for (const HttpSeen &one : seen) {
        QCOMPARE(one.body, seen[0].body);
        QCOMPARE(one.headers.value("webhook-id"), seen[0].headers.value("webhook-id"));
    }
    QCOMPARE(desk.attempts(), u"500 the receiver answered 500|500 the receiver answered 500|200 "_s);
    QCOMPARE(desk.rig.value(u"SELECT COUNT(*) FROM webhook_messages"_s).toInt(), 1);
}

void TestWebhookStage::movedReceiver()
{
    Desk desk(status(500));
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    desk.rig.settings.webhook.url = desk.receiver.url(u"/new"_s);
    desk.rig.settings.webhook.secret = kOther;
    desk.say = {};
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    const QList<HttpSeen> &seen = desk.receiver.requests;
    QCOMPARE(desk.receiver.targets(), (QList<QByteArray>{"/hook?key=1", "/new"}));
    QCOMPARE(seen[1].body, seen[0].body);
    QCOMPARE(seen[1].headers.value("webhook-id"), seen[0].headers.value("webhook-id"));
    QCOMPARE(seen[1].headers.value("webhook-signature"),
             jobs::webhookSignature(jobs::parseWebhookKeys(kOther).value(), seen[1].headers.value("webhook-id"),
                                    seen[1].headers.value("webhook-timestamp").toLongLong(), seen[1].body));
}

void TestWebhookStage::onlySuccessIsSuccess_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("delivered");
    for (int code : {200, 201, 202, 204, 299})
        QTest::addRow("%d", code) << code << true;
    for (int code : {301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 422, 500, 502, 504})
        QTest::addRow("%d", code) << code << false;
}

void TestWebhookStage::onlySuccessIsSuccess()
{
    QFETCH(int, code);
    QFETCH(bool, delivered);
    Desk desk(status(code, "Location: /elsewhere\r\n", code == 204 || code == 304 ? "" : "x"));
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, delivered ? AttemptOutcome::Completed : AttemptOutcome::Retry);
    QCOMPARE(desk.receiver.requests.size(), 1); // not sent elsewhere
    QCOMPARE(desk.message().delivered, delivered);
    if (!delivered) {
        QCOMPARE(outcome.reason, u"the receiver answered %1"_s.arg(code));
        QVERIFY(outcome.delayMs >= 4'000 && outcome.delayMs <= 6'000);
    }
}

void TestWebhookStage::retryAfter_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("attempt");
    QTest::addColumn<int>("fromSeconds");
    QTest::addColumn<int>("toSeconds");
    QTest::newRow("429") << 429 << QByteArray() << 1 << 60 << 60;
    QTest::newRow("429, wait") << 429 << QByteArray("Retry-After: 550\r\n") << 2 << 550 << 550;
    QTest::newRow("429, wait long") << 429 << QByteArray("Retry-After: 86400\r\n") << 2 << 600 << 600;
    QTest::newRow("503") << 503 << QByteArray() << 2 << 240 << 360;
    QTest::newRow("503, wait") << 503 << QByteArray("Retry-After: 550\r\n") << 2 << 550 << 550;
    QTest::newRow("503, nonsense") << 503 << QByteArray("Retry-After: soon\r\n") << 2 << 240 << 360;
    QTest::newRow("500 has nothing to ask for") << 500 << QByteArray("Retry-After: 550\r\n") << 2 << 240 << 360;
}

void TestWebhookStage::retryAfter()
{
    QFETCH(int, code);
    QFETCH(QByteArray, header);
    QFETCH(int, attempt);
    QFETCH(int, fromSeconds);
    QFETCH(int, toSeconds);
    Desk desk(status(code, header));
    desk.rig.job.attempt = attempt;
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY2(outcome.delayMs >= fromSeconds * 1000 && outcome.delayMs <= toSeconds * 1000,
             QByteArray::number(outcome.delayMs).constData());
}

void TestWebhookStage::scheduleByAttempt()
{
    Desk desk(status(500));
    const QList<qint64> minutes{0, 5, 30, 120, 300, 600, 840, 1200, 1440};
    for (int i = 0; i < 9; ++i) {
        const Outcome outcome = desk.attempt();
        QCOMPARE(outcome.kind, AttemptOutcome::Retry);
        const qint64 base = i == 0 ? 5000 : minutes[i] * 60'000;
        QVERIFY2(outcome.delayMs >= base * 4 / 5 && outcome.delayMs <= base * 6 / 5,
                 QByteArray::number(outcome.delayMs).constData());
    }
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Failed);
    QCOMPARE(desk.receiver.requests.size(), 10);
}

void TestWebhookStage::lastAttempt()
{
    Desk desk(status(502));
    desk.rig.job.attempt = 10;
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Failed);
    QCOMPARE(outcome.reason, u"the receiver answered 502; that was attempt 10, the last one"_s);
    QCOMPARE(desk.attempts(), u"502 the receiver answered 502"_s);
    QCOMPARE(desk.rig.value(u"SELECT state FROM jobs WHERE stage = 'webhook.deliver'"_s).toString(), u"failed"_s);
}

// The store gives such a job ten attempts more.
void TestWebhookStage::retriedByAnOperator()
{
    Desk desk(status(500));
    desk.rig.job.attempt = 11;
    desk.rig.job.maxAttempts = 20;
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY(outcome.delayMs <= 6000);
}

void TestWebhookStage::gone()
{
    Desk desk(status(410));
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Failed);
    QCOMPARE(outcome.reason, u"the receiver said 410 Gone"_s);
    QVERIFY(desk.message().endpointDisabled);
}

void TestWebhookStage::goneForLaterMessages()
{
    Desk desk(status(410));
    const QString url = desk.receiver.url(u"/hook?key=1"_s).toString(QUrl::FullyEncoded);
    desk.rig.exec(u"INSERT INTO webhook_endpoints (url, disabled_at_ms) VALUES (?, 1)"_s, {url});
    Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, u"the receiver said 410 Gone"_s);
    QCOMPARE(desk.receiver.connections, 0);
    QVERIFY(Outbox(*desk.rig.database).enableEndpoint(url).isEmpty());
    desk.say = {};
    outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    QCOMPARE(desk.receiver.requests.size(), 1);
}

// Who has moved the receiver is not held by what the old one said.
void TestWebhookStage::goneOnlyThere()
{
    Desk desk(status(410));
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Failed);
    desk.rig.settings.webhook.url = desk.receiver.url(u"/new"_s);
    desk.say = {};
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
}

void TestWebhookStage::nobodyListens()
{
    Desk desk;
    desk.rig.settings.webhook.url = QUrl(u"http://127.0.0.1:%1/"_s.arg(freePort()));
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY(!outcome.reason.isEmpty());
    QVERIFY(desk.attempts().startsWith(u"0 "_s) && desk.attempts().size() > 2);
    QVERIFY(!desk.message().delivered);
}

void TestWebhookStage::connectionLost()
{
    Desk desk({.body = {}, .drop = true});
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    QCOMPARE(desk.receiver.requests.size(), 1); // and not once more behind our back
    desk.say = {.body = {}, .raw = "SSH-2.0-OpenSSH\r\n\r\n"};
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    // It has the message: its answer's rest is of no interest.
    desk.say = {.body = QByteArray(1000, 'x'), .cutAfter = 10};
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
}

void TestWebhookStage::longAnswers()
{
    Desk desk({.status = 500, .body = QByteArray(200'000, 'x'), .length = HttpSay::Length::Chunked});
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Retry);
    desk.say.status = 200;
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
}

void TestWebhookStage::answersAreKept()
{
    Desk desk(status(400, {}, "d\xc3\xa9j\xc3\xa0 vu\0\x01\n" + QByteArray(5000, 'x')));
    const Outcome outcome = desk.attempt();
    const DeliveryAttempt &attempt = *outcome.effects.delivery;
    QCOMPARE(attempt.status, 400);
    QVERIFY(attempt.response.startsWith(u"déjà vu"_s));
    QVERIFY(!attempt.response.contains(QChar(0)) && !attempt.response.contains(QChar(1)));
    QVERIFY(attempt.response.toUtf8().size() <= 1024 && attempt.response.size() > 900);
    QVERIFY(attempt.durationMs >= 0);
    QVERIFY(!attempt.delivered && !attempt.disablesEndpoint);
}

void TestWebhookStage::refusedAddresses_data()
{
    QTest::addColumn<QString>("url");
    QTest::newRow("loopback") << u"https://127.0.0.1:%1/"_s;
    QTest::newRow("localhost") << u"https://localhost:%1/"_s;
    QTest::newRow("a number") << u"https://2130706433:%1/"_s;
    QTest::newRow("IPv6") << u"https://[::1]:%1/"_s;
    QTest::newRow("mapped") << u"https://[::ffff:127.0.0.1]:%1/"_s;
    QTest::newRow("metadata") << u"http://169.254.169.254/latest/meta-data/"_s;
    QTest::newRow("private") << u"https://10.0.0.1/"_s;
    QTest::newRow("plain http to the world") << u"http://93.184.216.34/"_s;
    QTest::newRow("a password") << u"https://user:pass@93.184.216.34/"_s;
}

void TestWebhookStage::refusedAddresses()
{
    QFETCH(QString, url);
    Desk desk;
    desk.rig.settings.webhook.allowNetworks = {};
    desk.rig.settings.webhook.url = QUrl(url.contains(u"%1"_s) ? url.arg(desk.receiver.port()) : url);
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Failed);
    QVERIFY2(outcome.reason.startsWith(u"the receiver"_s) || outcome.reason.startsWith(u"plain http"_s),
             qPrintable(outcome.reason));
    QVERIFY(!outcome.reason.contains(u"pass@"_s));
    QCOMPARE(desk.receiver.connections, 0);
    QCOMPARE(desk.attempts(), u"0 "_s + outcome.reason);
}

void TestWebhookStage::unknownName()
{
    Desk desk;
    desk.rig.settings.webhook.url = QUrl(u"https://no-such-name.invalid/"_s);
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY(outcome.reason.startsWith(u"the receiver's name could not be resolved"_s));
    QVERIFY(!desk.message().id.isEmpty());
}

void TestWebhookStage::deliveredAlready()
{
    Desk desk;
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    desk.rig.settings.webhook.url = desk.receiver.url(u"/new"_s); // not even to another one
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    QVERIFY(!outcome.effects.delivery);
    QCOMPARE(desk.receiver.requests.size(), 1);
}

void TestWebhookStage::stoppedBefore()
{
    Desk desk;
    desk.rig.pass->stop(u"shutdown"_s);
    const Outcome outcome = desk.attempt();
    QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
    QVERIFY(!outcome.effects.delivery);
    QCOMPARE(desk.receiver.connections, 0);
}

// Nobody knows whether it arrived; next time it has the same id.
void TestWebhookStage::stoppedWhileWaiting()
{
    Desk desk;
    ScriptedHttp silent([&](const HttpSeen &) {
        desk.rig.pass->stop(u"shutdown"_s);
        return HttpSay{.body = {}, .silent = true};
    });
    desk.rig.settings.webhook.url = silent.url();
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Interrupted);
    QCOMPARE(silent.requests.size(), 1);
    QVERIFY(!desk.message().delivered);
    QCOMPARE(silent.requests[0].headers.value("webhook-id"), desk.message().id.toLatin1());
}

void TestWebhookStage::leadOfTheCall()
{
    Desk desk;
    const auto context = desk.rig.context(Stage::Lead);
    const Outcome lead = jobs::updateLead(*context);
    QVERIFY(JobStore(*desk.rig.database).finish(context->job(), lead).value());
    QCOMPARE(desk.attempt().kind, AttemptOutcome::Completed);
    const QJsonObject body = QJsonDocument::fromJson(desk.receiver.requests[0].body).object();
    QVERIFY(body.value("lead_id"_L1).toString().toInt() > 0);
    QCOMPARE(body.value("data"_L1).toObject().value("lead"_L1).toObject().value("phone"_L1).toString(),
             u"+15551230001"_s);
}

QTEST_GUILESS_MAIN(TestWebhookStage)
#include "tst_webhookstage.moc"
