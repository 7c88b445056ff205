// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP requests as strangers write them, over real sockets: what is read out of the good ones, and with which status the
// others are refused.
#include "http/listener.h"
#include "support/httpclient.h"
#include "telemetry/counters.h"

#include <QTest>

using namespace takt;
using namespace takt::http;
using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::counted;
using test::HttpClient;

namespace {

// Answers each request with what it understood.
class Echo
{
public:
    explicit Echo(const Listener::Limits &limits = {})
        : listener({[this](const Request &request, const Listener::Reply &reply) {
                        requests << request;
                        reply(Response::plain(200, request.method + ' ' + request.target + ' ' + request.body));
                    },
                    {}},
                   limits)
    {
        if (const QString error = listener.open(QHostAddress::LocalHost, 0); !error.isEmpty())
            qFatal("%s", qPrintable(error));
    }
    [[nodiscard]] quint16 port() const { return listener.serverPort(); }

    QList<Request> requests;
    Listener listener;
};

QByteArray chunked(const QList<QByteArray> &chunks)
{
    QByteArray body;
    for (const QByteArray &chunk : chunks)
        body += QByteArray::number(chunk.size(), 16) + "\r\n" + chunk + "\r\n";
    return "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "0\r\n\r\n";
}

} // namespace

class TestHttp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void requests_data();
    void requests();
    void headsSplitAtEveryByte_data();
    void headsSplitAtEveryByte();
    void byteByByteOverASocket();
    void headersAndTargets();
    void theAnswerOnTheWire();
    void refusedAtOnce_data();
    void refusedAtOnce();
    void limitsOfTheReader();
};

void TestHttp::requests_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("echo");
    const auto good = [](const char *name, const QByteArray &bytes, const QByteArray &echo) {
        QTest::addRow("happy: %s", name) << bytes << 200 << QByteArray(echo + '\n');
    };
    const auto bad = [](const char *name, const QByteArray &bytes, int status) {
        QTest::addRow("rainy: %s", name) << bytes << status << QByteArray();
    };
    const QByteArray post = "POST /x HTTP/1.1\r\n";
    good("get", "GET /a?b=%20c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b=%20c ");
    good("no host", "GET / HTTP/1.1\r\n\r\n", "GET / ");
    good("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET / ");
    good("body", post + "Content-Length: 5\r\n\r\nhello", "POST /x hello");
    good("no body", post + "Content-Length: 0\r\n\r\n", "POST /x ");
    good("no length", post + "\r\n", "POST /x ");
    good("chunks", chunked({"hel", "lo"}), "POST /x hello");
    good("chunks with extensions and trailers",
         post + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n", "POST /x hello");
    good("garbage behind", post + "Content-Length: 5\r\n\r\nhelloGET /y HTTP/1.1\r\n\r\n\x16\x03", "POST /x hello");
    good("64 KiB", post + "Content-Length: 65536\r\n\r\n" + QByteArray(65536, 'x'),
         "POST /x " + QByteArray(65536, 'x'));
    good("64 KiB in chunks", chunked(QList<QByteArray>(16, QByteArray(4096, 'x'))),
         "POST /x " + QByteArray(65536, 'x'));
    good("another upgrade", "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", "GET / ");

    bad("an upgrade, and nobody for it", test::upgradeOf("/"), 404);
    bad("length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    bad("chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400);
    bad("two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400);
    bad("negative length", post + "Content-Length: -1\r\n\r\n", 400);
    bad("a length that is none", post + "Content-Length: 5x\r\n\r\nhello", 400);
    bad("a length in hex", post + "Content-Length: 0x5\r\n\r\nhello", 400);
    bad("huge length", post + "Content-Length: 99999999999999999999999\r\n\r\n", 400);
    bad("the largest length", post + "Content-Length: 18446744073709551615\r\n\r\n", 413);
    bad("a byte too long", post + "Content-Length: 65537\r\n\r\n", 413);
    bad("chunks too long", chunked(QList<QByteArray>(17, QByteArray(4096, 'x'))), 413);
    bad("a huge chunk", post + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 413);
    bad("a negative chunk", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400);
    bad("a chunk that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400);
    bad("an endless chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n1;" + QByteArray(20'000, 'x'), 431);
    bad("an endless trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + QByteArray(20'000, 'x'), 431);
    bad("one long header", "GET / HTTP/1.1\r\nX: " + QByteArray(9000, 'x') + "\r\n\r\n", 431);
    bad("many headers", "GET / HTTP/1.1\r\n" + QByteArray("X: y\r\n").repeated(2000) + "\r\n", 431);
    bad("a long target", "GET /" + QByteArray(9000, 'x') + " HTTP/1.1\r\n\r\n", 431);
    bad("an endless word", QByteArray(9000, 'X'), 431);
    bad("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400);
    bad("no version", "GET /\r\n\r\n", 400);
    bad("a version of its own", "GET / HTTP/1.9\r\n\r\n", 400);
    bad("a space in the target", "GET /a b HTTP/1.1\r\n\r\n", 400);
    bad("no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", 400);
    bad("a space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400);
    bad("a NUL", QByteArray("GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n", 30), 400);
    bad("SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400);
}

void TestHttp::requests()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    QFETCH(QByteArray, echo);
    const qint64 rejected = counted(Counter::FrontDoorRejected);
    Echo echoing;
    const auto client = test::ask(echoing.port(), bytes);
    QCOMPARE(client->status(), status);
    QVERIFY(!client->isOpen());
    QCOMPARE(client->answer.count("HTTP/1.1 "), 1);
    if (status == 200)
        QCOMPARE(client->body(), echo);
    QCOMPARE(echoing.requests.size(), status == 200 ? 1 : 0);
    QCOMPARE(counted(Counter::FrontDoorRejected) - rejected, status == 200 ? 0 : 1);
    QTRY_VERIFY(echoing.listener.findChildren<QTcpSocket *>().isEmpty());
}

void TestHttp::headsSplitAtEveryByte_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("length") << test::post("/x?y=z", "a=b&c=%20");
    QTest::newRow("chunks") << chunked({"a=b", "&c", "=%20"});
}

void TestHttp::headsSplitAtEveryByte()
{
    QFETCH(QByteArray, bytes);
    const qsizetype end = bytes.indexOf("\r\n\r\n") + 4;
    for (qsizetype at = 0; at <= bytes.size(); ++at) {
        const Head head = readHead(QByteArrayView(bytes).first(at));
        QCOMPARE(head.status, 0);
        QCOMPARE(head.request.has_value(), at >= end);
        RequestReader reader;
        QCOMPARE(reader.feed(QByteArrayView(bytes).first(at)), 0);
        QCOMPARE(reader.done(), at == bytes.size());
        QCOMPARE(reader.feed(QByteArrayView(bytes).sliced(at)), 0);
        QVERIFY(reader.done());
        const Request request = reader.take();
        QCOMPARE(request.body, "a=b&c=%20"_ba);
        QCOMPARE(request.method, "POST"_ba);
    }
}

void TestHttp::byteByByteOverASocket()
{
    Echo echoing;
    const QByteArray bytes = test::post("/x", "a=b");
    HttpClient client(echoing.port());
    QVERIFY(client.wait());
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        QVERIFY(echoing.requests.isEmpty());
        client.send(bytes.sliced(i, 1));
        for (int turn = 0; turn < 3; ++turn)
            QCoreApplication::processEvents();
    }
    QVERIFY(client.waitAnswer());
    QCOMPARE(client.body(), "POST /x a=b\n"_ba);
}

void TestHttp::headersAndTargets()
{
    Echo echoing;
    test::ask(echoing.port(), "GET /a%2Fb/?x=1?y#z HTTP/1.1\r\nX-One:  two words \r\nx-one: three\r\nE:\r\n\r\n");
    QCOMPARE(echoing.requests.size(), 1);
    const Request &request = echoing.requests.first();
    QCOMPARE(request.target, "/a%2Fb/?x=1?y#z"_ba);
    QCOMPARE(request.path(), "/a%2Fb/"_ba);
    QCOMPARE(request.header("x-one"), "two words"_ba);
    QCOMPARE(request.header("e"), QByteArray());
    QCOMPARE(request.header("X-One"), QByteArray()); // names are looked for in lower case
    QVERIFY(!request.isUpgrade());
    const auto isUpgrade = [](const QByteArray &value) {
        const QByteArray head = "GET / HTTP/1.1\r\nUPGRADE: " + value + "\r\n\r\n";
        return readHead(head).request->isUpgrade();
    };
    for (const QByteArray &value : {"websocket"_ba, "WebSocket"_ba, " websocket"_ba})
        QVERIFY(isUpgrade(value));
    for (const QByteArray &value : {"websocket2"_ba, ""_ba, "h2c"_ba})
        QVERIFY(!isUpgrade(value));
}

void TestHttp::theAnswerOnTheWire()
{
    Response response = Response::plain(405);
    response.headers = {{"Allow", "POST"}};
    QCOMPARE(response.toBytes(), "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                 "Allow: POST\r\nContent-Length: 23\r\nCache-Control: no-store\r\n"
                                 "Connection: close\r\n\r\n405 Method Not Allowed\n"_ba);
    const std::pair<int, QByteArray> words[] = {{400, "Bad Request"},        {403, "Forbidden"},
                                                {408, "Request Timeout"},    {413, "Payload Too Large"},
                                                {426, "Upgrade Required"},   {431, "Request Header Fields Too Large"},
                                                {503, "Service Unavailable"}};
    for (const auto &[status, said] : words)
        QCOMPARE(Response::plain(status).body, QByteArray(QByteArray::number(status) + ' ' + said + '\n'));
    response = {};
    response.status = 204; // has neither a body nor a length (RFC 9110, 8.6)
    QCOMPARE(response.toBytes(), "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"_ba);
}

void TestHttp::refusedAtOnce_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("a TLS hello") << QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    QTest::newRow("a NUL") << QByteArray(1, '\0');
    QTest::newRow("a line end") << "\r\n"_ba;
    QTest::newRow("a brace") << "{"_ba;
    QTest::newRow("UTF-8") << "ש"_ba;
}

// Not after five seconds: what can't become a request, need not be waited for.
void TestHttp::refusedAtOnce()
{
    QFETCH(QByteArray, bytes);
    Echo echoing;
    HttpClient client(echoing.port());
    client.send(bytes);
    QVERIFY(client.waitAnswer(2000));
    QCOMPARE(client.status(), 400);
    QVERIFY(client.waitClosed());
}

void TestHttp::limitsOfTheReader()
{
    const QByteArray start = "GET / HTTP/1.1\r\nX: ";
    const QByteArray fits = start + QByteArray(kMaxHeadBytes - start.size() - 4, 'x') + "\r\n\r\n";
    QCOMPARE(fits.size(), qsizetype(kMaxHeadBytes));
    QVERIFY(readHead(fits).request.has_value());
    QCOMPARE(readHead(fits.chopped(1)).status, 0);
    QByteArray more = fits;
    more.insert(start.size(), "xx");
    QCOMPARE(readHead(QByteArrayView(more).first(kMaxHeadBytes)).status, 431);
    Echo echoing;
    QCOMPARE(test::ask(echoing.port(), fits)->status(), 200);
    QCOMPARE(test::ask(echoing.port(), more)->status(), 431);
}

QTEST_GUILESS_MAIN(TestHttp)
#include "tst_http.moc"
