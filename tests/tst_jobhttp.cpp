// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP exchanges of jobs, over real sockets: sent once, and answered whole or not at all.
#include "support/jobhttprig.h"

#include <QTest>

#include <unistd.h>

using namespace takt;
using namespace takt::test;
using Rig = HttpRig;

class TestJobHttp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void get();
    void post();
    void anEmptyPost();
    void aFileIsStreamed();
    void aFileThatShrinks();
    void aFileThatIsNotThere();
    void statuses_data();
    void statuses();
    void sentOnce_data();
    void sentOnce();
    void wholeOrNot_data();
    void wholeOrNot();
    void anAnswerBeforeTheAnswer();
    void anAnswerBeforeTheEndOfTheQuestion();
    void toFile();
    void toFileOnlyIfWell();
    void noRoomForTheFile();
    void neverSent();
    void retryAfter_data();
    void retryAfter();
};

void TestJobHttp::get()
{
    Rig rig(say(200, "hello", "X-Some: thing\r\nSet-Cookie: a=b\r\n"));
    rig.request.headers = {{"Authorization", "Basic abc"}, {"Accept", "audio/*"}};
    QList<std::pair<qint64, qint64>> progress;
    rig.request.onProgress = [&](qint64 received, qint64 total) { progress << std::pair(received, total); };
    const HttpAnswer answer = rig.get();
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, "hello");
    QCOMPARE(answer.bytes, 5);
    QCOMPARE(answer.header("x-some"), "thing");
    QCOMPARE(answer.header("nothing"), QByteArray());
    QVERIFY(!answer.neverSent);
    QCOMPARE(progress.last(), (std::pair<qint64, qint64>(5, 5)));
    const HttpSeen &seen = rig.server.requests.first();
    QCOMPARE(seen.method, "GET");
    QCOMPARE(seen.target, "/secret-path?key=secret-key");
    QCOMPARE(seen.headers["authorization"], "Basic abc");
    QCOMPARE(seen.headers["accept"], "audio/*");
    QCOMPARE(seen.headers["accept-encoding"], "identity");
    QVERIFY(seen.headers["user-agent"].startsWith("takt/"));
    QVERIFY(seen.headers["host"].endsWith(QByteArray::number(rig.server.port())));
    QVERIFY(rig.get().ok()); // a second one has a connection of its own, and brings no cookie
    QCOMPARE(rig.server.connections, 2);
    QVERIFY(!rig.server.requests.last().headers.contains("cookie"));
}

void TestJobHttp::post()
{
    Rig rig(say(201));
    rig.request.headers = {{"Content-Type", "application/json"}};
    const QByteArray body = "{\"text\":\"" + QByteArray(300'000, 'x') + "\"}";
    const HttpAnswer answer = rig.post(body);
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    const HttpSeen &seen = rig.server.requests.first();
    QCOMPARE(seen.method, "POST");
    QCOMPARE(seen.headers["content-length"].toLongLong(), body.size());
    QCOMPARE(seen.headers["content-type"], "application/json");
    QVERIFY(!seen.headers.contains("transfer-encoding"));
    QVERIFY(seen.body == body);
}

void TestJobHttp::anEmptyPost()
{
    Rig rig(say(200));
    QVERIFY(rig.post({}).ok());
    QCOMPARE(rig.server.requests.first().headers["content-length"], "0");
}

void TestJobHttp::aFileIsStreamed()
{
    Rig rig(say(200));
    QByteArray content(3'000'000, 'z');
    content[1'500'000] = '\0';
    QFile file(rig.file(u"audio"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    rig.request.bodyFile = file.fileName();
    rig.request.bodyHead = "--head\r\n";
    rig.request.bodyTail = "\r\n--tail--";
    const HttpAnswer answer = rig.post("not this");
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    const QByteArray &body = rig.server.requests.first().body;
    QCOMPARE(body.size(), content.size() + 8 + 10);
    QVERIFY(body == "--head\r\n" + content + "\r\n--tail--");
}

void TestJobHttp::aFileThatShrinks()
{
    Rig rig(say(200));
    rig.request.idleMs = 1'000;
    QFile file(rig.file(u"audio"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(file.resize(40'000'000));
    rig.request.bodyFile = file.fileName();
    QTimer::singleShot(0, &rig.server, [&] { QVERIFY(file.resize(10'000)); });
    const HttpAnswer answer = rig.post({});
    QVERIFY(!answer.ok());
    QVERIFY(!answer.error.isEmpty());
    QCOMPARE(rig.server.requests.size(), 0);
}

void TestJobHttp::aFileThatIsNotThere()
{
    Rig rig(say(200));
    rig.request.bodyFile = rig.file(u"nothing"_s);
    const HttpAnswer answer = rig.post({});
    QCOMPARE(answer.status, 0);
    QVERIFY(answer.neverSent);
    QVERIFY(answer.error.contains("can't be read"_L1));
    QCOMPARE(rig.server.connections, 0);
}

void TestJobHttp::statuses_data()
{
    QTest::addColumn<int>("status");
    for (const int status : {200, 204, 400, 401, 403, 404, 410, 422, 429, 500, 503, 301, 304, 307})
        QTest::addRow("%d", status) << status;
}

void TestJobHttp::statuses()
{
    QFETCH(int, status);
    const bool bodyless = status == 204 || status == 304;
    Rig rig(say(status, bodyless ? "" : "why", status == 401 ? "WWW-Authenticate: Basic realm=\"x\"\r\n" : ""));
    rig.request.url.setUserInfo(u"user:password"_s); // is for nobody
    const HttpAnswer answer = rig.get();
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.error, QString());
    QVERIFY(answer.complete);
    QCOMPARE(answer.ok(), status / 100 == 2);
    QCOMPARE(answer.body, bodyless ? "" : "why");
    QCOMPARE(rig.server.requests.size(), 1);
    QVERIFY(!rig.server.requests.first().headers.contains("authorization"));
}

void TestJobHttp::sentOnce_data()
{
    QTest::addColumn<HttpSay>("what");
    QTest::addColumn<int>("status");
    HttpSay dropped;
    dropped.drop = true;
    QTest::newRow("closed without an answer") << dropped << 0;
    HttpSay cut = say(200, QByteArray(1000, 'x'));
    cut.cutAfter = 100;
    QTest::newRow("cut") << cut << 200;
    HttpSay garbage;
    garbage.raw = "SSH-2.0-OpenSSH\r\n\r\n";
    QTest::newRow("garbage") << garbage << 0;
    QTest::newRow("asks for a password") << say(401, "no", "WWW-Authenticate: Basic realm=\"x\"\r\n") << 401;
    QTest::newRow("asks for a digest") << say(401, "no", "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n")
                                       << 401;
    QTest::newRow("moved") << moved(302, "/elsewhere") << 302;
    QTest::newRow("to be sent elsewhere") << moved(307, "/elsewhere") << 307;
    QTest::newRow("later") << say(503) << 503;
}

void TestJobHttp::sentOnce()
{
    QFETCH(HttpSay, what);
    QFETCH(int, status);
    for (const QByteArray &method : {QByteArray("POST"), QByteArray("PUT")}) {
        Rig rig(what);
        rig.request.method = method;
        rig.request.body = "pay me";
        rig.request.followRedirects = true; // not of these
        rig.request.url.setUserInfo(u"user:password"_s);
        const HttpAnswer answer = rig.get();
        QTest::qWait(50);
        QCOMPARE(rig.server.requests.size(), 1);
        QCOMPARE(answer.status, status);
        QVERIFY(!answer.ok());
        QVERIFY(!answer.neverSent);
        QCOMPARE(answer.error.isEmpty(), answer.complete);
        QVERIFY(!answer.error.contains("secret"_L1));
    }
}

void TestJobHttp::wholeOrNot_data()
{
    QTest::addColumn<int>("length");
    QTest::addColumn<int>("cutAfter");
    for (const Length length : {Length::Said, Length::Chunked, Length::UntilTheEnd}) {
        const char *name = length == Length::Said ? "said" : length == Length::Chunked ? "chunked" : "until the end";
        for (const int cut : {-1, 0, 500, 50'000})
            QTest::addRow("%s, %d", name, cut) << int(length) << cut;
    }
}

void TestJobHttp::wholeOrNot()
{
    QFETCH(int, length);
    QFETCH(int, cutAfter);
    HttpSay what = say(200, QByteArray(100'000, 'x'));
    what.length = Length(length);
    what.cutAfter = cutAfter;
    what.pieceBytes = 10'000;
    Rig rig(what);
    const bool whole = cutAfter < 0 || what.length == Length::UntilTheEnd; // which nobody can tell
    const HttpAnswer answer = rig.get();
    QCOMPARE(answer.complete, whole);
    QCOMPARE(answer.ok(), whole);
    QCOMPARE(answer.error.isEmpty(), whole);
    if (cutAfter < 0)
        QCOMPARE(answer.bytes, 100'000);
}

void TestJobHttp::anAnswerBeforeTheAnswer()
{
    HttpSay what;
    what.raw = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more";
    Rig rig(what);
    const HttpAnswer answer = rig.get();
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, "hello");
    QCOMPARE(answer.header("Link"), QByteArray());
}

void TestJobHttp::anAnswerBeforeTheEndOfTheQuestion()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        socket->setReadBufferSize(1000); // reads no more
        socket->write("HTTP/1.1 413 X\r\nContent-Length: 3\r\n\r\nbig");
    });
    Rig rig(say(200));
    rig.request.url.setPort(server.serverPort());
    const HttpAnswer answer = rig.post(QByteArray(50'000'000, 'x'));
    QCOMPARE(answer.status, 413);
    QVERIFY(answer.complete);
    QCOMPARE(answer.body, "big");
}

void TestJobHttp::toFile()
{
    HttpSay what = say(200, QByteArray(2'000'000, 'x'));
    what.pieceBytes = 100'000;
    Rig rig(what);
    rig.request.toFile = rig.file(u"audio"_s);
    qint64 seenOnDisk = 0;
    rig.request.onProgress = [&](qint64 received, qint64) {
        if (received < 2'000'000)
            seenOnDisk = QFileInfo(rig.request.toFile).size();
        QVERIFY(received == 2'000'000 || seenOnDisk == received); // nothing waits in memory
    };
    const HttpAnswer answer = rig.get();
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QCOMPARE(answer.bytes, 2'000'000);
    QCOMPARE(answer.body, QByteArray());
    QVERIFY(bytesOf(rig.request.toFile) == what.body);
    QVERIFY(seenOnDisk > 0);
    // Anew, and empty.
    Rig empty(say(200, ""));
    empty.request.toFile = rig.request.toFile;
    QVERIFY(empty.get().ok());
    QCOMPARE(bytesOf(rig.request.toFile), QByteArray());
}

void TestJobHttp::toFileOnlyIfWell()
{
    HttpSay cut = say(200, QByteArray(100'000, 'x'));
    cut.cutAfter = 50'000;
    Rig rig(cut);
    rig.request.toFile = rig.file(u"audio"_s);
    QVERIFY(!rig.get().ok());
    QCOMPARE(bytesOf(rig.request.toFile), "no file");

    Rig refused(say(404, "{\"message\":\"not here\"}"));
    refused.request.toFile = refused.file(u"audio"_s);
    const HttpAnswer answer = refused.get();
    QCOMPARE(answer.status, 404);
    QVERIFY(answer.complete);
    QCOMPARE(answer.body, "{\"message\":\"not here\"}");
    QCOMPARE(bytesOf(refused.request.toFile), "no file");
}

void TestJobHttp::noRoomForTheFile()
{
    Rig rig(say(200, QByteArray(100'000, 'x')));
    rig.request.toFile = u"/dev/full"_s;
    if (!QFile::exists(rig.request.toFile) || ::geteuid() == 0) // root would remove it afterwards
        rig.request.toFile = rig.file(u"no/such/folder/audio"_s);
    const HttpAnswer answer = rig.get();
    QVERIFY(!answer.ok());
    QVERIFY(!answer.complete);
    QVERIFY2(answer.error.contains("can't be written"_L1), qPrintable(answer.error));
}

void TestJobHttp::neverSent()
{
    Rig rig(say(200));
    rig.request.url.setPort(freePort());
    HttpAnswer answer = rig.post("x");
    QCOMPARE(answer.status, 0);
    QVERIFY(answer.neverSent);
    QVERIFY(!answer.complete);
    QCOMPARE(answer.error, u"the connection was refused"_s);

    rig.request.url = QUrl(u"http://no-such-host.invalid/secret"_s);
    answer = rig.post("x");
    QVERIFY(answer.neverSent);
    QVERIFY2(!answer.error.isEmpty() && !answer.error.contains("secret"_L1), qPrintable(answer.error));

    // TLS with somebody who doesn't speak it.
    rig.request.url = rig.server.url();
    rig.request.url.setScheme(u"https"_s);
    rig.request.connectMs = 500;
    answer = rig.post("x");
    QVERIFY(answer.neverSent);
    QVERIFY(!answer.ok());
}

void TestJobHttp::retryAfter_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<qint64>("ms");
    QTest::newRow("seconds") << QByteArray("Retry-After") << QByteArray("7") << qint64(7'000);
    QTest::newRow("none") << QByteArray("Retry-After") << QByteArray("0") << qint64(0);
    QTest::newRow("milliseconds") << QByteArray("retry-after-ms") << QByteArray("250") << qint64(250);
    QTest::newRow("a date") << QByteArray("Retry-After") << QByteArray("Sun, 06 Nov 1994 08:49:37 GMT")
                            << qint64(37'000);
    QTest::newRow("a date that has passed")
        << QByteArray("Retry-After") << QByteArray("Sun, 06 Nov 1994 08:48:00 GMT") << qint64(0);
    QTest::newRow("negative") << QByteArray("Retry-After") << QByteArray("-5") << qint64(-1);
    QTest::newRow("nonsense") << QByteArray("Retry-After") << QByteArray("soon") << qint64(-1);
    QTest::newRow("not said") << QByteArray("X") << QByteArray("7") << qint64(-1);
}

void TestJobHttp::retryAfter()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, value);
    QFETCH(qint64, ms);
    HttpAnswer answer;
    answer.headers = {{name, value}};
    QCOMPARE(jobs::retryAfterMs(answer, 784'111'740'000), ms); // 08:49:00
    answer.headers = {{"Retry-After", "99"}, {"Retry-After-Ms", "12.5"}};
    QCOMPARE(jobs::retryAfterMs(answer, 0), 12);
}

QTEST_GUILESS_MAIN(TestJobHttp)
#include "tst_jobhttp.moc"
