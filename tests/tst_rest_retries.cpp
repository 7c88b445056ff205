// SPDX-License-Identifier: GPL-3.0-or-later
// Which requests the REST client makes again, when, and above all which it does not.
#include "support/fakerest.h"

#include "telemetry/counters.h"

#include <QDateTime>
#include <QLocale>
#include <QTest>

#include <deque>

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;
using namespace takt::telemetry;
using namespace takt::test;

class TestRestRetries : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void attempts_data();
    void attempts();
    void refused_data();
    void refused();
    void refusedThenThere_data();
    void refusedThenThere();
    void timeouts_data();
    void timeouts();
    void nothingAfterTheTotal();
    void retryAfter_data();
    void retryAfter();
    void backoffGrows();
    void recordingWaitsForTheAnswer();
    void ordersInDoubt_data();
    void ordersInDoubt();
    void ordersThatNeverLeft();
    void everyAttemptIsCounted();
    void hangUpOfACallThatIsOver_data();
    void hangUpOfACallThatIsOver();
    void keptConnectionThatDied();
};

void TestRestRetries::attempts_data()
{
    QTest::addColumn<QList<Answer>>("answers");
    QTest::addColumn<int>("idempotent"); // attempts of operations that may be repeated
    QTest::addColumn<int>("placing");    // ... and of one that may not
    QTest::addColumn<bool>("ok");        // of the first kind
    const auto row = [](const char *name, const QList<Answer> &answers, int idempotent, int placing, bool ok) {
        QTest::newRow(name) << answers << idempotent << placing << ok;
    };
    row("at once", {kWell}, 1, 1, true);
    row("500, then well", {http(500), kWell}, 2, 1, true);
    row("503 three times, then well", {http(503), http(502, "<html>"), http(504, ""), kWell}, 4, 1, true);
    row("500 for ever", {http(500)}, 4, 1, false);
    row("429, then well", {failure(429, 20429), kWell}, 2, 2, true);
    row("429 for ever", {failure(429, 20429)}, 4, 4, false);
    row("closed after the request, then well", {kClose, kWell}, 2, 1, true);
    row("closed for ever", {kClose}, 4, 1, false);
    row("reset for ever", {kReset}, 4, 1, false);
    row("closed within the answer, then well", {kHalf, kWell}, 2, 1, true);
    row("500 closed within the answer", {Answer{Answer::HalfBody, 500}}, 4, 1, false);
    row("429 closed within the answer", {Answer{Answer::HalfBody, 429}, kWell}, 2, 1, true);
    row("garbage, then well", {kGarbage, kWell}, 2, 1, true);
    row("400", {failure(400, 21211)}, 1, 1, false);
    row("401", {http(401, "{\"code\":20003}", "WWW-Authenticate: Basic realm=\"x\"\r\n")}, 1, 1, false);
    row("403", {http(403, "")}, 1, 1, false);
    row("200 without JSON", {http(200, "<html>ok</html>")}, 1, 1, false);
    row("200 with an array", {http(200, "[]")}, 1, 1, false);
    row("204", {http(204, "")}, 1, 1, false);
    row("500, 429, closed, then well", {http(500), http(429), kClose, kWell}, 4, 1, true);
}

void TestRestRetries::attempts()
{
    QFETCH(QList<Answer>, answers);
    QFETCH(int, idempotent);
    QFETCH(int, placing);
    QFETCH(bool, ok);
    constexpr Operation operations[] = {HangUp, Redirect, Record, Place};
    std::deque<FakeRest> servers;
    std::deque<Client> clients;
    for (const Operation operation : operations) {
        servers.emplace_back(answers);
        clients.emplace_back(servers.back().url());
        start(clients.back(), operation);
    }
    for (Client &client : clients)
        QTRY_COMPARE(client.answers, 1);
    QTest::qWait(100); // nothing comes later, not from the network library either
    for (size_t i = 0; i < std::size(operations); ++i) {
        const bool rings = operations[i] == Place;
        QCOMPARE(servers[i].requests.size(), rings ? placing : idempotent);
        const bool well = ok && (!rings || placing == idempotent);
        QCOMPARE(clients[i].outcome.ok, well);
        QCOMPARE(clients[i].outcome.message.isEmpty(), well);
        QCOMPARE(clients[i].answers, 1);
    }
}

void TestRestRetries::refused_data()
{
    QTest::addColumn<int>("operation");
    QTest::newRow("hang up") << int(HangUp);
    QTest::newRow("place") << int(Place);
}

void TestRestRetries::refused()
{
    QFETCH(int, operation);
    Client client(QUrl(u"http://127.0.0.1:%1"_s.arg(unusedPort())));
    start(client, Operation(operation));
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(!client.outcome.ok);
    QCOMPARE(client.outcome.httpStatus, 0);
    QCOMPARE(client.outcome.message, u"the connection was refused"_s);
}

void TestRestRetries::refusedThenThere_data()
{
    refused_data();
}

void TestRestRetries::refusedThenThere()
{
    QFETCH(int, operation);
    const quint16 port = unusedPort();
    RestTimes times = quick();
    times.firstBackoffMs = 200;
    times.maxBackoffMs = 1000;
    Client client(QUrl(u"http://127.0.0.1:%1"_s.arg(port)), times);
    start(client, Operation(operation));
    QTest::qWait(100);
    FakeRest server({kWell}, port);
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(client.outcome.ok);
    QCOMPARE(server.requests.size(), 1);
}

void TestRestRetries::timeouts_data()
{
    QTest::addColumn<int>("operation");
    QTest::addColumn<int>("attempts");
    QTest::newRow("hang up") << int(HangUp) << 4;
    QTest::newRow("record") << int(Record) << 4;
    QTest::newRow("place") << int(Place) << 1;
}

void TestRestRetries::timeouts()
{
    QFETCH(int, operation);
    FakeRest server({kSilence});
    RestTimes times = quick();
    times.attemptMs = 300;
    Client client(server.url(), times);
    start(client, Operation(operation));
    QTRY_COMPARE(client.answers, 1);
    QTEST(int(server.requests.size()), "attempts");
    QVERIFY(!client.outcome.ok);
    QCOMPARE(client.outcome.message, u"no answer in time"_s);
}

void TestRestRetries::nothingAfterTheTotal()
{
    FakeRest server({kSilence});
    RestTimes times = quick();
    times.attemptMs = 400;
    times.totalMs = 600;
    Client client(server.url(), times);
    // More than are sent at once: the rest has no time left when its turn comes.
    for (int i = 0; i < 20; ++i)
        start(client, Place);
    QTRY_COMPARE(client.answers, 20);
    QVERIFY(!client.outcome.ok);
    QTest::qWait(300);
    // Six of them, the six that came in their place, and those for which a coarse timer left a moment.
    QVERIFY(server.requests.size() < 20);
    QVERIFY(server.connections < 20);
    QCOMPARE(client.answers, 20);
}

void TestRestRetries::retryAfter_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("attempts");
    QTest::addColumn<int>("leastMs");
    const auto date = [](int seconds) {
        return QLocale::c()
            .toString(QDateTime::currentDateTimeUtc().addSecs(seconds), u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s)
            .toLatin1();
    };
    // A second is 10 ms here, and there are 3 s in all.
    QTest::newRow("seconds") << QByteArray("20") << 2 << 200;
    QTest::newRow("none") << QByteArray("0") << 2 << 0;
    QTest::newRow("negative") << QByteArray("-5") << 2 << 0;
    QTest::newRow("date") << date(20) << 2 << 100;
    QTest::newRow("date in the past") << date(-3600) << 2 << 0;
    QTest::newRow("not understood") << QByteArray("soon") << 2 << 5;
    QTest::newRow("a day") << QByteArray("86400") << 1 << 0; // not within the time that there is
    QTest::newRow("far date") << date(86400) << 1 << 0;
    QTest::newRow("overflow") << QByteArray("99999999999") << 2 << 5;
}

void TestRestRetries::retryAfter()
{
    QFETCH(QByteArray, header);
    QFETCH(int, attempts);
    QFETCH(int, leastMs);
    for (const Operation operation : {HangUp, Place}) {
        FakeRest server({http(429, "{}", "Retry-After: " + header + "\r\n"), kWell});
        RestTimes times = quick();
        times.totalMs = 3000;
        if (attempts == 1)
            times.retryAfterSecondMs = 100; // 30 of these are all there is
        Client client(server.url(), times);
        start(client, operation);
        QTRY_COMPARE(client.answers, 1);
        QCOMPARE(server.requests.size(), attempts);
        QCOMPARE(client.outcome.ok, attempts == 2);
        if (attempts == 2)
            QVERIFY(server.requests[1].atMs - server.requests[0].atMs >= leastMs - 1);
    }
}

void TestRestRetries::backoffGrows()
{
    FakeRest server({http(500)});
    RestTimes times = quick();
    times.firstBackoffMs = 40;
    times.maxBackoffMs = 100;
    Client client(server.url(), times);
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(server.requests.size(), 4);
    const int least[] = {40, 80, 100};
    for (int i = 0; i < 3; ++i)
        QVERIFY(server.requests[i + 1].atMs - server.requests[i].atMs >= least[i] - 2);
}

void TestRestRetries::recordingWaitsForTheAnswer()
{
    const Answer notYet = failure(400, 21220, "Requested resource is not eligible for recording");
    FakeRest server({notYet, notYet, notYet, http(201, "{\"sid\":\"RE1\"}")});
    RestTimes times = quick();
    times.recordingStepMs = 100;
    Client client(server.url(), times);
    start(client, Record);
    QTRY_COMPARE(client.answers, 1);
    QVERIFY(client.outcome.ok);
    QCOMPARE(server.requests.size(), 4);
    for (int i = 0; i < 3; ++i)
        QVERIFY(server.requests[i + 1].atMs - server.requests[i].atMs >= 100 * (i + 1) - 2);
    // For ever, and for others.
    for (const Operation operation : {Record, Redirect, Place}) {
        FakeRest never({notYet});
        Client other(never.url());
        start(other, operation);
        QTRY_COMPARE(other.answers, 1);
        QCOMPARE(never.requests.size(), operation == Record ? 4 : 1);
        QVERIFY(!other.outcome.ok);
        QCOMPARE(other.outcome.code, 21220);
        QCOMPARE(other.outcome.httpStatus, 400);
    }
}

// Nobody may be told "not placed" of a call that may be ringing.
void TestRestRetries::ordersInDoubt_data()
{
    QTest::addColumn<Answer>("answer");
    QTest::addColumn<bool>("inDoubt");
    QTest::newRow("no answer in time") << kSilence << true;
    QTest::newRow("closed without an answer") << kClose << true;
    QTest::newRow("500") << http(500) << true;
    QTest::newRow("no JSON") << http(201, "<h1>ok</h1>") << true;
    QTest::newRow("refused by the carrier") << failure(400, 21211, "not a number") << false;
    QTest::newRow("placed") << http(201, "{\"sid\":\"CA1\"}") << false;
}

void TestRestRetries::ordersInDoubt()
{
    QFETCH(Answer, answer);
    QFETCH(bool, inDoubt);
    FakeRest server({answer});
    RestTimes times = quick();
    times.attemptMs = 300;
    Client client(server.url(), times);
    start(client, Place);
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(client.outcome.inDoubt, inDoubt);
    QCOMPARE(server.requests.size(), 1);
}

void TestRestRetries::ordersThatNeverLeft()
{
    QUrl nobody(u"http://127.0.0.1:1"_s);
    Client client(nobody, quick());
    start(client, Place);
    QTRY_COMPARE_WITH_TIMEOUT(client.answers, 1, 20'000);
    QVERIFY(!client.outcome.ok && !client.outcome.inDoubt);
}

void TestRestRetries::everyAttemptIsCounted()
{
    const qint64 requests = counted(Counter::RestRequests);
    const qint64 retries = counted(Counter::RestRetries);
    const qint64 failures = counted(Counter::RestFailures);
    FakeRest server({http(500)});
    Client client(server.url(), quick());
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(counted(Counter::RestRequests) - requests, 4);
    QCOMPARE(counted(Counter::RestRetries) - retries, 3);
    QCOMPARE(counted(Counter::RestFailures) - failures, 1);
}

void TestRestRetries::hangUpOfACallThatIsOver_data()
{
    QTest::addColumn<int>("operation");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("ok");
    const QByteArray over = "{\"code\":21220,\"message\":\"not in progress\",\"status\":400}";
    const QByteArray gone = "{\"code\":20404,\"message\":\"not found\",\"status\":404}";
    QTest::newRow("hang up") << int(HangUp) << 404 << gone << true;
    QTest::newRow("hang up, not under way") << int(HangUp) << 400 << over << true;
    QTest::newRow("hang up, another complaint") << int(HangUp) << 400 << gone << false;
    QTest::newRow("redirect") << int(Redirect) << 404 << gone << false;
    QTest::newRow("redirect, not under way") << int(Redirect) << 400 << over << false;
    QTest::newRow("place") << int(Place) << 404 << gone << false;
    QTest::newRow("somebody else's 404") << int(HangUp) << 404 << QByteArray("<h1>nginx</h1>") << false;
}

void TestRestRetries::hangUpOfACallThatIsOver()
{
    QFETCH(int, operation);
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(bool, ok);
    FakeRest server({http(status, body)});
    Client client(server.url());
    start(client, Operation(operation));
    QTRY_COMPARE(client.answers, 1);
    QCOMPARE(client.outcome.ok, ok);
    QCOMPARE(client.outcome.httpStatus, status);
    QCOMPARE(client.outcome.message.isEmpty(), ok);
    QCOMPARE(server.requests.size(), 1);
}

void TestRestRetries::keptConnectionThatDied()
{
    FakeRest server({kWell, kClose, kWell});
    Client client(server.url());
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 1);
    start(client, HangUp);
    QTRY_COMPARE(client.answers, 2);
    QVERIFY(client.outcome.ok);
    QCOMPARE(server.requests.size(), 3);
}

QTEST_GUILESS_MAIN(TestRestRetries)
#include "tst_rest_retries.moc"
